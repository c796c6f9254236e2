/*
 * Unitronics PCOM over TCP, in its ASCII and its binary form.
 *
 *     byte 0             2      3          4        6
 *          | transaction | mode | 0        | length | message
 *            u16          101 ASCII, 102 binary   u16, little endian
 *
 *     ASCII    / | unit 2 | command | parameters | sum 2 | CR     reply: /A
 *     binary   /_OPLC | id | 0xfe or id | .. | command | .. | details 6 | length | sum
 *              | data | sum | \
 *
 * Source: the Unitronics Communication Protocol document (PCOM). Values of operands are in
 * hexadecimal digits in the ASCII form, as many as the operand is wide. What the lists of
 * binary operands say is left: their bytes are kept.
 *
 * A session keeps the beginning of a message of each side, at most BUFFER bytes, and the
 * last request, since a controller answers one at a time.
 */
#include "schema.h"

TAGOUT_PLUGIN;
TAGOUT_SECTIONS("plugin.toml", "schema.toml");

#define SESSIONS 256u
#define BUFFER 1100u
#define HEADER 6u
#define ASCII 101u
#define BINARY 102u
#define BINARY_HEADER 24u
#define BINARY_LEAST 27u

enum { SHORT = 1, LONG = 2, CHECKSUM = 3, LENGTH = 4, FIXED = 5, DIGIT = 6 };

typedef struct { const uint8_t *at; uint32_t len; } bytes;

typedef struct {
    bool is_set;
    uint8_t mode, unit, function, operand;
    uint16_t transaction, address, quantity;
    int64_t ts;
    char command[3];
    uint8_t command_len;
} asked;

typedef struct {
    uint8_t carry[BUFFER];
    uint32_t len;
    bool is_lost;
} half;

typedef struct {
    bool is_open;
    half side[2];
    asked last;
} session;

static session sessions[SESSIONS];

/* ---- small readings ---- */

static uint16_t u16le(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }

static int digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

/* A number of n hexadecimal digits; -1 if they are none. */
static int64_t hex(const uint8_t *p, uint32_t n) {
    int64_t value = 0;
    for (uint32_t i = 0; i < n; i++) {
        int d = digit(p[i]);
        if (d < 0) return -1;
        value = value << 4 | d;
    }
    return value;
}

/* Two decimal digits; -1 if they are none. */
static int two(const uint8_t *p) {
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') return -1;
    return (p[0] - '0') * 10 + (p[1] - '0');
}

static bool is(bytes text, const char *name) {
    uint32_t n = tagout_len(name);
    if (text.len != n) return false;
    for (uint32_t i = 0; i < n; i++)
        if (text.at[i] != (uint8_t)name[i]) return false;
    return true;
}

/* ---- commands ---- */

/* What a command does: its name, the operation in the words that all OT protocols share,
 * the operand, and how many digits a value has. Reads and writes of bits have one. */
typedef struct {
    const char *name;
    uint16_t op;
    uint8_t operand, digits;
} ascii_command;

static const ascii_command ascii_commands[] = {
    {"CCR", OT_OP_START, 0, 0},
    {"CCS", OT_OP_STOP, 0, 0},
    {"CCE", OT_OP_RESET_WARM, 0, 0},
    {"CCI", OT_OP_MEMORY_CLEAR, 0, 0},
    {"ID", OT_OP_IDENTIFY, 0, 0},
    {"UG", OT_OP_IDENTIFY, 0, 0},
    {"US", OT_OP_CONFIG_WRITE, 0, 0},
    {"RC", OT_OP_CONFIG_READ, 0, 0},
    {"SC", OT_OP_TIME_SET, 0, 0},
    {"RB", OT_OP_READ, PCOM_OPERAND_MB, 1},
    {"GS", OT_OP_READ, PCOM_OPERAND_SB, 1},
    {"RE", OT_OP_READ, PCOM_OPERAND_INPUT, 1},
    {"RA", OT_OP_READ, PCOM_OPERAND_OUTPUT, 1},
    {"RT", OT_OP_READ, PCOM_OPERAND_TIMER_RUN, 1},
    {"RM", OT_OP_READ, PCOM_OPERAND_COUNTER_RUN, 1},
    {"RW", OT_OP_READ, PCOM_OPERAND_MI, 4},
    {"GF", OT_OP_READ, PCOM_OPERAND_SI, 4},
    {"GX", OT_OP_READ, PCOM_OPERAND_COUNTER_CURRENT, 4},
    {"GY", OT_OP_READ, PCOM_OPERAND_COUNTER_PRESET, 4},
    {"GT", OT_OP_READ, PCOM_OPERAND_TIMER_CURRENT, 8},
    {"GP", OT_OP_READ, PCOM_OPERAND_TIMER_PRESET, 8},
    {"RNL", OT_OP_READ, PCOM_OPERAND_ML, 8},
    {"RNH", OT_OP_READ, PCOM_OPERAND_SL, 8},
    {"RND", OT_OP_READ, PCOM_OPERAND_DW, 8},
    {"RNJ", OT_OP_READ, PCOM_OPERAND_SDW, 8},
    {"RNF", OT_OP_READ, PCOM_OPERAND_MF, 8},
    {"SB", OT_OP_WRITE, PCOM_OPERAND_MB, 1},
    {"SS", OT_OP_WRITE, PCOM_OPERAND_SB, 1},
    {"SA", OT_OP_WRITE, PCOM_OPERAND_OUTPUT, 1},
    {"SW", OT_OP_WRITE, PCOM_OPERAND_MI, 4},
    {"SF", OT_OP_WRITE, PCOM_OPERAND_SI, 4},
    {"SNL", OT_OP_WRITE, PCOM_OPERAND_ML, 8},
    {"SNH", OT_OP_WRITE, PCOM_OPERAND_SL, 8},
    {"SND", OT_OP_WRITE, PCOM_OPERAND_DW, 8},
    {"SNJ", OT_OP_WRITE, PCOM_OPERAND_SDW, 8},
    {"SNF", OT_OP_WRITE, PCOM_OPERAND_MF, 8},
};

/* The command at the beginning of a text: of three letters before two. */
static const ascii_command *find(bytes text) {
    for (uint32_t n = 3; n >= 2; n--) {
        if (text.len < n) continue;
        for (uint32_t i = 0; i < sizeof ascii_commands / sizeof *ascii_commands; i++)
            if (is((bytes){text.at, n}, ascii_commands[i].name)) return &ascii_commands[i];
    }
    return NULL;
}

static uint16_t binary_op(uint8_t function) {
    switch (function) {
    case PCOM_FUNCTION_READ_MEMORY: return OT_OP_PROGRAM_UPLOAD;
    case PCOM_FUNCTION_CHECK_PASSWORD: return OT_OP_LOGIN;
    case PCOM_FUNCTION_READ_DATA_TABLES: return OT_OP_READ;
    case PCOM_FUNCTION_GET_PLC_NAME: return OT_OP_IDENTIFY;
    case PCOM_FUNCTION_FIND_PLCS: return OT_OP_DISCOVER;
    case PCOM_FUNCTION_TRANSLATE_INDEX: return OT_OP_BROWSE;
    case PCOM_FUNCTION_FLUSH_MEMORY_BUFFER:
    case PCOM_FUNCTION_WRITE_MEMORY: return OT_OP_PROGRAM_DOWNLOAD;
    case PCOM_FUNCTION_RESET_UPLOAD_PASSWORD: return OT_OP_PASSWORD_SET;
    case PCOM_FUNCTION_WRITE_DATA_TABLES: return OT_OP_WRITE;
    case PCOM_FUNCTION_READ_OPERANDS: return OT_OP_READ;
    case PCOM_FUNCTION_READ_WRITE_OPERANDS: return OT_OP_WRITE;
    default: return 0;
    }
}

/* ---- events ---- */

static void fault(tagout_record *r, uint32_t at, uint8_t why) {
    pcom_malformed(r, true);
    pcom_malformed_at(r, (uint16_t)at);
    pcom_malformed_why(r, why);
}

static void common(tagout_record *r, uint16_t op, bool is_request) {
    if (op) pcom_op(r, op);
    pcom_phase(r, is_request ? OT_PHASE_REQUEST : OT_PHASE_ACCEPTED);
    if (!is_request) pcom_outcome(r, OT_OUTCOME_OK);
}

/* Pairs a message with the last request, or keeps it as that. */
static const asked *pair(session *s, const tagout_message *m, tagout_record *r,
                         asked now, bool is_request) {
    if (is_request) {
        s->last = now;
        return NULL;
    }
    const asked *last = &s->last;
    bool fits = last->is_set && last->mode == now.mode
        && last->transaction == now.transaction && last->function == now.function;
    pcom_paired(r, fits);
    if (!fits) return NULL;
    pcom_latency(r, m->ts - last->ts);
    s->last.is_set = false;
    return last;
}

static void place(tagout_record *r, uint8_t operand, uint16_t address, uint16_t quantity) {
    pcom_operand(r, operand);
    pcom_address(r, address);
    pcom_quantity(r, quantity);
    bool is_bit = operand == PCOM_OPERAND_MB || operand == PCOM_OPERAND_SB
        || operand == PCOM_OPERAND_INPUT || operand == PCOM_OPERAND_OUTPUT;
    pcom_target_kind(r, is_bit ? OT_TARGET_COIL : OT_TARGET_HOLDING);
    pcom_target_id(r, address);
    uint32_t last = (uint32_t)address + (quantity ? quantity : 1u) - 1u;
    pcom_target_id_end(r, last);
    if (quantity) pcom_address_range(r, address, last);
}

/* Values of so many digits each; those of eight keep their lower half out of the list. */
static void values(tagout_record *r, bytes digits, uint32_t width, uint32_t at) {
    static uint16_t list[256];
    uint32_t n = 0;
    if (!width || digits.len % width) {
        fault(r, at, LENGTH);
        return;
    }
    for (uint32_t i = 0; i + width <= digits.len && n < 256; i += width) {
        int64_t value = hex(digits.at + i, width);
        if (value < 0) {
            fault(r, at + i, DIGIT);
            return;
        }
        if (!i) pcom_target_value(r, (double)value);
        if (width == 8) list[n++] = (uint16_t)(value >> 16);
        if (n < 256) list[n++] = (uint16_t)value;
    }
    pcom_values(r, list, n);
}

/* Seconds, minutes, hours, day of the week, day, month, year, of two digits each. */
static void clock_of(tagout_record *r, bytes text, uint32_t at) {
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    static const uint8_t length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int part[7];
    if (text.len != 14) {
        fault(r, at, LENGTH);
        return;
    }
    for (uint32_t i = 0; i < 7; i++) {
        part[i] = two(text.at + 2 * i);
        if (part[i] < 0) {
            fault(r, at + 2 * i, DIGIT);
            return;
        }
    }
    int day = part[4], month = part[5], year = 2000 + part[6];
    bool is_leap = year % 4 == 0;
    if (month < 1 || month > 12 || day < 1
        || day > length[month - 1] + (month == 2 && is_leap) || part[0] > 59
        || part[1] > 59 || part[2] > 23) {
        fault(r, at, DIGIT);
        return;
    }
    int64_t days = (int64_t)(year - 1970) * 365 + (year - 1969) / 4
        + before[month - 1] + (is_leap && month > 2) + day - 1;
    int64_t seconds = days * 86400 + part[2] * 3600 + part[1] * 60 + part[0];
    pcom_time(r, seconds * 1000000000);
}

/* Parameters of a request: an address of four digits, a count of two, and values. */
static void parameters(tagout_record *r, const ascii_command *known, bytes rest,
                       uint32_t at, asked *now) {
    int64_t address = rest.len >= 6 ? hex(rest.at, 4) : -1;
    int64_t quantity = rest.len >= 6 ? hex(rest.at + 4, 2) : -1;
    if (address < 0 || quantity < 0) {
        fault(r, at, rest.len < 6 ? SHORT : DIGIT);
        return;
    }
    now->address = (uint16_t)address;
    now->quantity = (uint16_t)quantity;
    place(r, known->operand, now->address, now->quantity);
    bytes behind = {rest.at + 6, rest.len - 6};
    if (known->op == OT_OP_WRITE) values(r, behind, known->digits, at + 6);
    else if (behind.len) fault(r, at + 6, LONG);
}

static void ascii(session *s, const tagout_message *m, tagout_record *r, bytes b,
                  uint16_t transaction) {
    bool is_request = !(b.len > 1 && b.at[1] == 'A');
    uint32_t at = is_request ? 1 : 2;
    pcom_request(r, is_request);
    int64_t unit = b.len >= at + 2 ? hex(b.at + at, 2) : -1;
    if (b.at[0] != '/' || b.len < at + 7 || unit < 0) {
        pcom_data(r, b.at, b.len);
        fault(r, b.at[0] != '/' ? 0 : at, b.at[0] != '/' ? FIXED : SHORT);
        return;
    }
    pcom_unit(r, (uint8_t)unit);
    uint8_t sum = 0;
    for (uint32_t i = at; i < b.len - 3; i++) sum = (uint8_t)(sum + b.at[i]);
    if (b.at[b.len - 1] != '\r') fault(r, b.len - 1, FIXED);
    else if (hex(b.at + b.len - 3, 2) != sum) fault(r, b.len - 3, CHECKSUM);
    at += 2;
    bytes text = {b.at + at, b.len - 3 - at};
    const ascii_command *known = find(text);
    /* A reply to a command of three letters may repeat two of them. */
    const asked *last = &s->last;
    if (!is_request && last->is_set && last->mode == ASCII && last->command_len == 3
        && text.len >= 2 && text.at[0] == (uint8_t)last->command[0]
        && text.at[1] == (uint8_t)last->command[1]
        && (text.len < 3 || text.at[2] != (uint8_t)last->command[2]))
        known = find((bytes){(const uint8_t *)last->command, 3});
    uint32_t n = 2;
    if (known && known->name[2] && text.len >= 3 && text.at[2] == (uint8_t)known->name[2])
        n = 3;
    if (text.len < n) n = text.len;
    pcom_command(r, known ? known->name : (const char *)text.at,
                 known ? tagout_len(known->name) : n);
    bytes rest = {text.at + n, text.len - n};
    uint8_t function = known ? (uint8_t)(known - ascii_commands) : 255;
    asked now = {true, ASCII, (uint8_t)unit, function, known ? known->operand : 0,
                 transaction, 0, 0, m->ts, {0}, 0};
    if (known) {
        now.command_len = (uint8_t)tagout_len(known->name);
        for (uint32_t i = 0; i < now.command_len; i++) now.command[i] = known->name[i];
    }
    common(r, known ? known->op : 0, is_request);
    if (!known) {
        if (rest.len) pcom_data(r, rest.at, rest.len);
    } else if (is_request && known->operand) {
        parameters(r, known, rest, at + n, &now);
    } else if (known->op == OT_OP_TIME_SET && is_request) {
        clock_of(r, rest, at + n);
    } else if (known->op == OT_OP_CONFIG_READ && !is_request) {
        clock_of(r, rest, at + n);
    } else if (is(text, "ID") || !rest.len) {
        /* Nothing follows. */
    } else if (known->op == OT_OP_IDENTIFY && known->name[0] == 'I') {
        pcom_model(r, rest.at, rest.len < 6 ? rest.len : 6);
        pcom_data(r, rest.at, rest.len);
    } else if (!(known->op == OT_OP_READ && !is_request)) {
        pcom_data(r, rest.at, rest.len);
    }
    const asked *request = pair(s, m, r, now, is_request);
    if (request && known && known->operand) {
        place(r, known->operand, request->address, request->quantity);
        if (known->op == OT_OP_READ) values(r, rest, known->digits, at + n);
    } else if (!is_request && known && known->op == OT_OP_READ && rest.len) {
        values(r, rest, known->digits, at + n);
    }
}

/* The sum of bytes and its own two bytes is zero. */
static bool sums(const uint8_t *p, uint32_t n, const uint8_t *sum) {
    uint16_t total = u16le(sum);
    for (uint32_t i = 0; i < n; i++) total = (uint16_t)(total + p[i]);
    return total == 0;
}

static void binary(session *s, const tagout_message *m, tagout_record *r, bytes b,
                   uint16_t transaction) {
    if (b.len < BINARY_LEAST || !is((bytes){b.at, 6}, "/_OPLC")) {
        pcom_data(r, b.at, b.len);
        fault(r, b.len < BINARY_LEAST ? b.len : 0, b.len < BINARY_LEAST ? SHORT : FIXED);
        return;
    }
    bool is_request = !(b.at[12] & 0x80);
    uint8_t function = b.at[12] & 0x7f;
    uint16_t length = u16le(b.at + 20);
    pcom_request(r, is_request);
    pcom_unit(r, is_request ? b.at[6] : b.at[7]);
    pcom_function(r, function);
    pcom_details(r, b.at + 14, 6);
    if (!sums(b.at, 22, b.at + 22)) {
        fault(r, 22, CHECKSUM);
    } else if (b.len != BINARY_LEAST + length) {
        fault(r, 20, LENGTH);
    } else if (!sums(b.at + BINARY_HEADER, length, b.at + BINARY_HEADER + length)) {
        fault(r, BINARY_HEADER + length, CHECKSUM);
    } else if (b.at[b.len - 1] != '\\') {
        fault(r, b.len - 1, FIXED);
    }
    uint32_t there = b.len - BINARY_LEAST;
    uint32_t kept = length < there ? length : there;
    if (kept) pcom_data(r, b.at + BINARY_HEADER, kept);
    common(r, binary_op(function), is_request);
    asked now = {true, BINARY, 0, function, 0, transaction, 0, 0, m->ts, {0}, 0};
    pair(s, m, r, now, is_request);
}

static void message(session *s, const tagout_message *m, const uint8_t *head, bytes b) {
    tagout_record *r = pcom_begin();
    uint16_t transaction = u16le(head);
    pcom_transaction(r, transaction);
    pcom_mode(r, head[2]);
    pcom_length(r, u16le(head + 4));
    pcom_malformed(r, false);
    if (!b.len) fault(r, 0, SHORT);
    else if (head[2] == ASCII) ascii(s, m, r, b, transaction);
    else binary(s, m, r, b, transaction);
    tagout_commit(r);
}

/* ---- streams ---- */

static bool is_header(const uint8_t *p, uint32_t n) {
    if (n >= 3 && p[2] != ASCII && p[2] != BINARY) return false;
    if (n >= 4 && p[3] != 0) return false;
    if (n >= HEADER && u16le(p + 4) + HEADER > BUFFER) return false;
    return n < HEADER + 1 || u16le(p + 4) == 0 || p[6] == '/';
}

/* Uses the messages at the beginning of bytes; how many bytes are done with. */
static uint32_t messages(session *s, half *h, const tagout_message *m, const uint8_t *p,
                         uint32_t n) {
    uint32_t used = 0;
    while (used < n) {
        uint32_t left = n - used;
        if (!is_header(p + used, left)) {
            if (!h->is_lost) {
                tagout_record *r = pcom_begin();
                pcom_data(r, p + used, left < 64 ? left : 64);
                fault(r, 0, FIXED);
                tagout_commit(r);
            }
            h->is_lost = true;
            used++;
            continue;
        }
        if (left < HEADER) return used;
        uint32_t length = u16le(p + used + 4);
        if (left < HEADER + length) return used;
        /* Found again only where a whole message stands. */
        h->is_lost = false;
        message(s, m, p + used, (bytes){p + used + HEADER, length});
        used += HEADER + length;
    }
    return used;
}

static void data(session *s, const tagout_message *m) {
    half *h = &s->side[m->side & 1];
    const uint8_t *p = tagout_payload(m);
    uint32_t n = m->length;
    while (n && h->len) {
        uint32_t room = BUFFER - h->len;
        uint32_t take = n < room ? n : room;
        tagout_copy(h->carry + h->len, p, take);
        h->len += take;
        p += take;
        n -= take;
        uint32_t used = messages(s, h, m, h->carry, h->len);
        /* A buffer that is full holds a whole message: is_header sees to that. */
        __builtin_memmove(h->carry, h->carry + used, h->len - used);
        h->len -= used;
        if (!used && !n) return;
    }
    if (!n) return;
    uint32_t used = messages(s, h, m, p, n);
    uint32_t left = n - used;
    if (left > BUFFER) left = 0;
    tagout_copy(h->carry, p + n - left, left);
    h->len = left;
}

/* ---- exports ---- */

int32_t TAGOUT_EXPORT(tagout_probe)(uint32_t len) {
    (void)len;
    const tagout_probe_head *head = (const void *)tagout_input;
    if (head->transport != TAGOUT_TCP) return TAGOUT_NO;
    int32_t verdict = TAGOUT_MORE;
    for (uint32_t i = 0; i < head->pieces; i++) {
        uint8_t side;
        uint32_t n;
        const uint8_t *p = tagout_probe_piece(i, &side, &n);
        if (!p || !n) continue;
        if (!is_header(p, n)) return TAGOUT_NO;
        if (n > HEADER) verdict = TAGOUT_YES;
    }
    return verdict;
}

int32_t TAGOUT_EXPORT(tagout_decode)(uint32_t len) {
    for (const tagout_message *m = tagout_next(NULL, len); m; m = tagout_next(m, len)) {
        if (m->session >= SESSIONS) continue;
        session *s = &sessions[m->session];
        switch (m->type) {
        case TAGOUT_OPEN:
            __builtin_memset(s, 0, sizeof *s);
            s->is_open = true;
            break;
        case TAGOUT_CLOSE:
            s->is_open = false;
            break;
        case TAGOUT_DATA:
            if (s->is_open) data(s, m);
            break;
        case TAGOUT_GAP:
            s->side[m->side & 1].len = 0;
            s->side[m->side & 1].is_lost = true;
            s->last.is_set = false;
            break;
        default:
            break;
        }
    }
    tagout_flush();
    return 0;
}
