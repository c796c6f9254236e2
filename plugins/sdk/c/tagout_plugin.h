/*
 * What plugins in C are written with: the contract of spec/plugin.md in a header alone,
 * for a compiler without a library.
 *
 *     tagout_probe  <- probe in the input     tagout_probe_piece
 *     tagout_decode <- messages in the input  tagout_next: open, data, gap, close, frame
 *                   -> events                 KIND_begin, setters, tagout_commit, tagout_flush
 *
 * A plugin is one file that includes the header of its schema, which
 * `cargo xtask c-header` writes, and begins with
 *
 *     TAGOUT_PLUGIN;
 *     TAGOUT_SECTIONS("plugin.toml", "schema.toml");
 *
 * and is built as docs/plugins.md says. A batch of each kind is open; it is handed on when
 * it is full and by tagout_flush, which a decoder calls before it returns. The host reads
 * batches when the call has ended, so one that is full stays where it is and the next
 * events go to another, in new pages of memory the first time. Nothing else allocates.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAGOUT_INPUT_BYTES 65536u

/* ---- the file: header, input, sections ---- */

typedef struct {
    char magic[4];
    uint16_t major, minor;
    const uint8_t *input;
    uint32_t input_bytes;
    uint32_t zero[4];
} tagout_header;
_Static_assert(sizeof(tagout_header) == 32, "the header has 32 bytes");

static _Alignas(16) uint8_t tagout_input[TAGOUT_INPUT_BYTES];

#define TAGOUT_PLUGIN \
    __attribute__((used, visibility("default"))) const tagout_header tagout_plugin = { \
        {'T', 'G', 'P', 'L'}, 1, 1, tagout_input, TAGOUT_INPUT_BYTES, {0}}

#define TAGOUT_SECTIONS(manifest, schema) \
    __asm__(".section .custom_section.tagout.plugin,\"\",@\n" \
            ".incbin \"" manifest "\"\n" \
            ".section .custom_section.tagout.schema,\"\",@\n" \
            ".incbin \"" schema "\"\n" \
            ".text\n")

#define TAGOUT_EXPORT(name) __attribute__((export_name(#name))) name

/* ---- imports ---- */

#define TAGOUT_IMPORT(name) \
    __attribute__((import_module("tagout"), import_name(#name))) tagout_import_##name

void TAGOUT_IMPORT(emit_of)(const void *batch, uint32_t len, const void *of);
void TAGOUT_IMPORT(set_int)(uint32_t record, uint32_t field, int64_t value);
void TAGOUT_IMPORT(set_float)(uint32_t record, uint32_t field, double value);
void TAGOUT_IMPORT(set_bool)(uint32_t record, uint32_t field, uint32_t value);
void TAGOUT_IMPORT(set_ip)(uint32_t record, uint32_t field, const uint8_t *address);
void TAGOUT_IMPORT(set_text)(uint32_t record, uint32_t field, const void *text,
                             uint32_t len);
void TAGOUT_IMPORT(log)(uint32_t level, const void *line, uint32_t len);
int64_t TAGOUT_IMPORT(data)(const void *name, uint32_t len, uint32_t offset, void *into,
                            uint32_t room);

/* ---- bytes ---- */

static inline void tagout_copy(void *to, const void *from, uint32_t n) {
    __builtin_memcpy(to, from, n);
}

/* Bytes of a text that ends with a zero. */
static inline uint32_t tagout_len(const char *text) {
    uint32_t n = 0;
    while (text[n]) n++;
    return n;
}

static inline uint32_t tagout_up(uint32_t n) { return (n + 7u) & ~7u; }

/* ---- probes ---- */

enum { TAGOUT_NO = 0, TAGOUT_MORE = 1, TAGOUT_YES = 2 };
enum { TAGOUT_TCP = 6, TAGOUT_UDP = 17 };

typedef struct {
    uint8_t transport, flags;
    uint16_t port_a, port_b, pieces;
} tagout_probe_head;

/* The piece at a position; null if there is none. Side 0 or 1, of TCP. */
static inline const uint8_t *tagout_probe_piece(uint32_t at, uint8_t *side,
                                                uint32_t *len) {
    const tagout_probe_head *head = (const void *)tagout_input;
    uint32_t start = 8u + 8u * head->pieces;
    for (uint32_t i = 0; i < head->pieces; i++) {
        const uint8_t *entry = tagout_input + 8u + 8u * i;
        uint32_t n;
        tagout_copy(&n, entry + 4, 4);
        if (i == at) {
            *side = entry[0];
            *len = n;
            return tagout_input + start;
        }
        start += tagout_up(n);
    }
    return NULL;
}

/* ---- messages ---- */

enum { TAGOUT_OPEN = 1, TAGOUT_DATA = 2, TAGOUT_GAP = 3, TAGOUT_CLOSE = 4,
       TAGOUT_FRAME = 5 };

typedef struct {
    uint32_t bytes;
    uint8_t type, side, client, flags;
    uint32_t session, length;
    int64_t ts;
    uint64_t frame, flow;
    uint8_t src_ip[16], dst_ip[16];
    uint16_t src_port, dst_port, vlan;
    uint8_t transport, macs;
    uint8_t src_mac[6], dst_mac[6];
    uint16_t ethertype, input;
    char community[30];
    uint8_t zero[2];
} tagout_message;
_Static_assert(sizeof(tagout_message) == 128, "a message's head has 128 bytes");

/* What the next event is of: the position of the message in the call, and its own number. */
typedef struct { uint16_t message, event; } tagout_of;

static tagout_of tagout_now;

static inline const uint8_t *tagout_payload(const tagout_message *m) {
    return (const uint8_t *)m + sizeof *m;
}

/* ---- events ---- */

/* How many kinds the schema has: its header says so. */
#ifndef TAGOUT_KINDS
#define TAGOUT_KINDS 1u
#endif
/* What a batch has room for: as many events as a call brings, as a rule. */
#ifndef TAGOUT_RECORDS
#define TAGOUT_RECORDS 64u
#endif
#ifndef TAGOUT_ARENA
#define TAGOUT_ARENA 32768u
#endif

/* Events of a kind, as the host reads them, and what each of them is of. */
typedef struct tagout_batch {
    struct tagout_batch *next;
    uint32_t kind, stride, n, used;
    bool is_handed_on;
    tagout_of of[TAGOUT_RECORDS];
    /* header 64 | records | arena, of which `used` are | 16 zeros */
    _Alignas(8) uint8_t bytes[];
} tagout_batch;

/* The batches of each kind: those before `now` are the host's until the call has ended. */
static struct {
    tagout_batch *first, *now;
} tagout_batches[TAGOUT_KINDS];

/* A record in progress: presence bits wait until it is committed. */
typedef struct {
    tagout_batch *batch;
    uint8_t *bytes;
    uint64_t presence[3];
    uint32_t used;
} tagout_record;

static tagout_record tagout_open;

static inline uint32_t tagout_arena(const tagout_batch *b) {
    return 64u + TAGOUT_RECORDS * b->stride;
}

static inline void tagout_hand_on(tagout_batch *b) {
    if (!b->n || b->is_handed_on) return;
    uint32_t arena = tagout_arena(b);
    uint32_t end = tagout_up(arena + b->used) + 16u;
    uint32_t head[16] = {b->kind, b->stride, b->n, arena, end};
    tagout_copy(b->bytes, head, sizeof head);
    __builtin_memset(b->bytes + arena + b->used, 0, end - arena - b->used);
    tagout_import_emit_of(b->bytes, end, b->of);
    b->is_handed_on = true;
}

/* Hands on the events so far. */
static inline void tagout_flush(void) {
    for (uint32_t kind = 0; kind < TAGOUT_KINDS; kind++)
        if (tagout_batches[kind].now) tagout_hand_on(tagout_batches[kind].now);
}

/* A batch in memory that the site's limit allows; it is never given back. */
static tagout_batch *tagout_new_batch(uint32_t kind, uint32_t stride) {
    const uint32_t page = 65536u;
    uint32_t bytes = sizeof(tagout_batch) + 64u + TAGOUT_RECORDS * stride + TAGOUT_ARENA + 16u;
    size_t at = __builtin_wasm_memory_grow(0, (bytes + page - 1u) / page);
    /* The host counts it as a fault of memory. */
    if (at == (size_t)-1) __builtin_trap();
    tagout_batch *b = (tagout_batch *)(at * page);
    b->kind = kind;
    b->stride = stride;
    return b;
}

/* The next batch of a kind in this call. */
static tagout_batch *tagout_next_batch(uint32_t kind, uint32_t stride) {
    tagout_batch *now = tagout_batches[kind].now;
    if (now) tagout_hand_on(now);
    tagout_batch **next = now ? &now->next : &tagout_batches[kind].first;
    if (!*next) *next = tagout_new_batch(kind, stride);
    now = tagout_batches[kind].now = *next;
    now->n = now->used = 0;
    now->is_handed_on = false;
    return now;
}

/* Begins an event, which is lost if another one begins before it is committed. */
static inline tagout_record *tagout_begin(uint32_t kind, uint32_t stride) {
    tagout_batch *b = tagout_batches[kind].now;
    if (!b || b->is_handed_on || b->n >= TAGOUT_RECORDS || b->used > TAGOUT_ARENA / 2)
        b = tagout_next_batch(kind, stride);
    tagout_open = (tagout_record){b, b->bytes + 64 + b->n * stride, {0, 0, 0}, b->used};
    return &tagout_open;
}

static inline void tagout_commit(tagout_record *r) {
    tagout_batch *b = r->batch;
    tagout_copy(r->bytes, r->presence, 24);
    b->of[b->n++] = tagout_now;
    b->used = r->used;
    if (tagout_now.event < UINT16_MAX) tagout_now.event++;
}

/* A call of tagout_decode begins: the host has read what was handed on in the last one. */
static inline void tagout_begin_call(void) {
    tagout_now = (tagout_of){0, 0};
    for (uint32_t kind = 0; kind < TAGOUT_KINDS; kind++) tagout_batches[kind].now = NULL;
}

/* The message behind another, within `len` bytes of the input; the first behind null.
 * Events are of the message that was asked for last. */
static inline const tagout_message *tagout_next(const tagout_message *m, uint32_t len) {
    uint32_t at = 0;
    if (m) {
        at = (uint32_t)((const uint8_t *)m - tagout_input) + m->bytes;
        tagout_now.message++;
    } else {
        tagout_begin_call();
    }
    if (at + sizeof(tagout_message) > len) return NULL;
    return (const tagout_message *)(const void *)(tagout_input + at);
}

static inline void tagout_put(tagout_record *r, uint32_t offset, uint32_t bit,
                              const void *value, uint32_t n) {
    tagout_copy(r->bytes + offset, value, n);
    r->presence[bit / 64] |= 1ull << (bit % 64);
}

/* Appends bytes to the arena; how many found room. */
static inline uint32_t tagout_append(const void *bytes, uint32_t len, uint32_t *offset) {
    tagout_record *r = &tagout_open;
    uint32_t room = TAGOUT_ARENA - r->used;
    uint32_t n = len < room ? len : room;
    *offset = tagout_arena(r->batch) + r->used;
    tagout_copy(r->batch->bytes + *offset, bytes, n);
    r->used += n;
    return n;
}

static inline void tagout_text_slot(uint32_t slot[6], const void *bytes, uint32_t len) {
    uint32_t offset;
    uint32_t n = tagout_append(bytes, len, &offset);
    slot[0] = offset;
    slot[1] = n;
    slot[2] = len;
    slot[3] = slot[4] = slot[5] = 0;
}

#define TAGOUT_PUT(name, type) \
    static inline void tagout_put_##name(tagout_record *r, uint32_t offset, uint32_t bit, \
                                         type value) { \
        tagout_put(r, offset, bit, &value, sizeof value); \
    }
TAGOUT_PUT(bool, bool)
TAGOUT_PUT(u8, uint8_t)
TAGOUT_PUT(u16, uint16_t)
TAGOUT_PUT(u32, uint32_t)
TAGOUT_PUT(u64, uint64_t)
TAGOUT_PUT(i8, int8_t)
TAGOUT_PUT(i16, int16_t)
TAGOUT_PUT(i32, int32_t)
TAGOUT_PUT(i64, int64_t)
TAGOUT_PUT(f64, double)

static inline void tagout_put_ip(tagout_record *r, uint32_t offset, uint32_t bit,
                                 const uint8_t octets[16]) {
    tagout_put(r, offset, bit, octets, 16);
}

static inline void tagout_put_mac(tagout_record *r, uint32_t offset, uint32_t bit,
                                  const uint8_t octets[6]) {
    uint8_t slot[8] = {0};
    tagout_copy(slot, octets, 6);
    tagout_put(r, offset, bit, slot, 8);
}

static inline void tagout_put_range(tagout_record *r, uint32_t offset, uint32_t bit,
                                    uint32_t first, uint32_t last) {
    uint32_t slot[2] = {first, last};
    if (first <= last) tagout_put(r, offset, bit, slot, 8);
}

static inline void tagout_put_text(tagout_record *r, uint32_t offset, uint32_t bit,
                                   const void *bytes, uint32_t len) {
    uint32_t slot[6];
    tagout_text_slot(slot, bytes, len);
    tagout_put(r, offset, bit, slot, 24);
}

typedef struct { uint32_t offset; uint16_t count, flags; } tagout_repeated;

/* Room for elements: how many fit. */
static inline tagout_repeated tagout_room(tagout_record *r, uint32_t stride, uint32_t max,
                                          uint32_t n) {
    uint32_t used = tagout_up(r->used);
    uint32_t room = used < TAGOUT_ARENA ? (TAGOUT_ARENA - used) / stride : 0;
    uint32_t count = n < max ? n : max;
    if (count > room) count = room;
    tagout_repeated slot = {tagout_arena(r->batch) + used, (uint16_t)count, count < n};
    if (count) r->used = used + count * stride;
    return slot;
}

static inline void tagout_put_list_u16(tagout_record *r, uint32_t offset, uint32_t bit,
                                       const uint16_t *values, uint32_t n, uint32_t max) {
    tagout_repeated slot = tagout_room(r, 2, max, n);
    tagout_copy(r->batch->bytes + slot.offset, values, 2u * slot.count);
    tagout_put(r, offset, bit, &slot, 8);
}

/* ---- elements of a group: `while (tagout_element(&g)) set its fields` ---- */

typedef struct {
    uint8_t *next, *now;
    uint32_t stride, left;
} tagout_group;

static inline tagout_group tagout_put_group(tagout_record *r, uint32_t offset, uint32_t bit,
                                            uint32_t stride, uint32_t max, uint32_t n) {
    tagout_repeated slot = tagout_room(r, stride, max, n);
    uint8_t *start = r->batch->bytes + slot.offset;
    if (slot.count) __builtin_memset(start, 0, slot.count * stride);
    tagout_put(r, offset, bit, &slot, 8);
    return (tagout_group){start, NULL, stride, slot.count};
}

/* Goes to the next element; false behind the last one that there is room for. */
static inline bool tagout_element(tagout_group *g) {
    if (!g->left) return false;
    g->now = g->next;
    g->next += g->stride;
    g->left--;
    return true;
}

static inline void tagout_element_put(tagout_group *g, uint32_t offset, uint32_t bit,
                                      const void *value, uint32_t n) {
    tagout_copy(g->now + offset, value, n);
    g->now[bit / 8] |= (uint8_t)(1u << (bit % 8));
}

#define TAGOUT_ELEMENT(name, type) \
    static inline void tagout_element_##name(tagout_group *g, uint32_t offset, \
                                             uint32_t bit, type value) { \
        tagout_element_put(g, offset, bit, &value, sizeof value); \
    }
TAGOUT_ELEMENT(bool, bool)
TAGOUT_ELEMENT(u8, uint8_t)
TAGOUT_ELEMENT(u16, uint16_t)
TAGOUT_ELEMENT(u32, uint32_t)
TAGOUT_ELEMENT(u64, uint64_t)
TAGOUT_ELEMENT(i8, int8_t)
TAGOUT_ELEMENT(i16, int16_t)
TAGOUT_ELEMENT(i32, int32_t)
TAGOUT_ELEMENT(i64, int64_t)
TAGOUT_ELEMENT(f64, double)

static inline void tagout_element_ip(tagout_group *g, uint32_t offset, uint32_t bit,
                                     const uint8_t octets[16]) {
    tagout_element_put(g, offset, bit, octets, 16);
}

static inline void tagout_element_mac(tagout_group *g, uint32_t offset, uint32_t bit,
                                      const uint8_t octets[6]) {
    uint8_t slot[8] = {0};
    tagout_copy(slot, octets, 6);
    tagout_element_put(g, offset, bit, slot, 8);
}

static inline void tagout_element_range(tagout_group *g, uint32_t offset, uint32_t bit,
                                        uint32_t first, uint32_t last) {
    uint32_t slot[2] = {first, last};
    if (first <= last) tagout_element_put(g, offset, bit, slot, 8);
}

static inline void tagout_element_text(tagout_group *g, uint32_t offset, uint32_t bit,
                                       const void *bytes, uint32_t len) {
    uint32_t slot[6];
    tagout_text_slot(slot, bytes, len);
    tagout_element_put(g, offset, bit, slot, 24);
}
