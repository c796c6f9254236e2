// Runs a compiled pack in Node: writes records, reads rows, and knows nothing
// else. Arguments: the module, and a case file:
//
//   u32 length, bytes      input of `bind`
//   u32 number of batches, then for each: u32 length, bytes
//
// Prints a line for each batch: the codes of `evaluate` as `event:code`, blanks
// between.

import { readFileSync } from "node:fs";

const [modulePath, casePath] = process.argv.slice(2);
const instance = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(modulePath)),
  {},
);
const pack = instance.exports;
if (pack.tagout_abi_major.value !== 1) throw new Error("another ABI");

const cases = readFileSync(casePath);
let at = 0;
const u32 = () => {
  at += 4;
  return cases.readUInt32LE(at - 4);
};
const bytes = () => {
  const length = u32();
  at += length;
  return cases.subarray(at - length, at);
};
const memory = () => new Uint8Array(pack.memory.buffer);
const view = () => new DataView(pack.memory.buffer);

const bindings = bytes();
if (bindings.length > pack.tagout_bindings_size.value) throw new Error("bindings too long");
memory().set(bindings, pack.tagout_bindings.value);
const status = pack.bind(pack.tagout_bindings.value, bindings.length);
if (status !== 0) throw new Error(`bind answers ${status}`);

const records = pack.tagout_batch.value;
const out = pack.tagout_out.value;
for (let left = u32(); left > 0; left--) {
  const batch = bytes();
  if (batch.length > pack.tagout_batch_size.value) throw new Error("batch too long");
  memory().set(batch, records);
  const n = batch.readUInt32LE(8);
  const rows = [];
  for (let from = 0; from < n; ) {
    const end = pack.evaluate(records, n, out, from);
    const next = view().getUint32(out, true);
    if (next <= from) throw new Error("evaluation does not advance");
    for (let row = out + 8; row < end; row += 8) {
      rows.push(`${view().getUint32(row, true)}:${view().getUint32(row + 4, true)}`);
    }
    from = next;
  }
  console.log(rows.join(" "));
}
