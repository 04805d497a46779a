/* reeve_plugin.h: the contract between Reeve and its plugins, major version 1.
 *
 * Reads as C11, as C++17, and imports into Swift. 64-bit little-endian machines only.
 *
 * The one rule: a plugin does no I/O. It opens no file and no socket, starts no thread, reads no clock and no
 * environment, sees no credential and never sleeps. It is a pure function from what it is handed to what it emits.
 * What it needs from AWS it asks for (discovery) or proposes (taggers, remediators); Reeve makes the calls.
 *
 * Ownership: every pointer that crosses, in either direction, is borrowed for the length of one call. Who wants to
 * keep something copies it before returning. There is nothing to free across the boundary.
 *
 * Growth: structs only grow, at their end. Each begins with `struct_size`, the size its maker compiled with; arrays
 * travel as reeve_span and carry their stride. Read a field that is not in version 1.0 only behind REEVE_HAS, and step
 * through arrays with the stride, never with your own sizeof. Fields named `reserved` are written as 0 and not read.
 *
 * Threading: unless an interface carries REEVE_INTERFACE_REENTRANT, Reeve never makes two calls into one instance at
 * the same time. Calls on one instance can come from different threads, one after the other.
 *
 * Text: UTF-8, not NUL-terminated, length in bytes. {NULL, 0} is the empty string.
 *
 * Times: nanoseconds since 1970-01-01T00:00:00Z; 0 means "not known".
 */
#ifndef REEVE_PLUGIN_H
#define REEVE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__clang__)
#define REEVE_NULLABLE _Nullable
#define REEVE_NONNULL _Nonnull
#else
#define REEVE_NULLABLE
#define REEVE_NONNULL
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define REEVE_ABI_MAJOR 1u
#define REEVE_ABI_MINOR 0u
#define REEVE_PLUGIN_MAGIC 0x31454552u /* "REE1" in memory */
#define REEVE_EXPORT __attribute__((visibility("default")))

/* Does the struct that the other side allocated reach as far as FIELD? */
#define REEVE_HAS(pointer, type, field) \
  ((pointer)->struct_size >= offsetof(type, field) + sizeof(((type *)0)->field))

/* ---- Values ------------------------------------------------------------------------------------------------- */

/* Borrowed text. */
typedef struct reeve_string {
  const char *REEVE_NULLABLE bytes;
  uint64_t length;
} reeve_string;

/* A borrowed array whose element may be larger than the reader knows: element i is at items + i * stride. */
typedef struct reeve_span {
  const void *REEVE_NULLABLE items;
  uint32_t count;
  uint32_t stride;
} reeve_span;

/* What a call returns, and what a failed read is classed as. */
typedef int32_t reeve_status;
#define REEVE_OK 0
#define REEVE_ERROR_CONFIGURATION 1 /* the configuration cannot be used; said by create */
#define REEVE_ERROR_DENIED 2        /* AWS refused: missing permission, or a capability that was not granted */
#define REEVE_ERROR_THROTTLED 3     /* AWS kept throttling until the budget for retries was used up */
#define REEVE_ERROR_CANCELLED 4     /* the host asked to stop */
#define REEVE_ERROR_BAD_DATA 5      /* the input is not what the contract promises */
#define REEVE_ERROR_UNSUPPORTED 6   /* not offered by this side */
#define REEVE_ERROR_INTERNAL 7      /* a defect of the side that says so */
#define REEVE_ERROR_TIMED_OUT 8     /* no answer in time */
#define REEVE_ERROR_UNREACHABLE 9   /* no connection, or a connection that broke */
#define REEVE_ERROR_REJECTED 10     /* AWS answered with any other error; its code and message travel along */

/* A value tree laid out flat. A node is followed by its children, so any node begins a document of its own.
 * Attributes carry AWS's own names and types, as the AWS CLI prints them. */
typedef struct reeve_node {
  uint32_t kind;  /* REEVE_NODE_... */
  uint32_t span;  /* nodes of this subtree, itself included: the next sibling is `span` nodes further. Never 0 */
  uint64_t value; /* null 0; boolean 0 or 1; integer: an int64's bits; real: a double's bits;
                     string: byte offset in the heap << 32 | length in bytes; array: number of elements;
                     object: number of entries, each a string node (the name) followed by the value's subtree */
} reeve_node;
#define REEVE_NODE_NULL 0u
#define REEVE_NODE_BOOLEAN 1u
#define REEVE_NODE_INTEGER 2u
#define REEVE_NODE_REAL 3u
#define REEVE_NODE_STRING 4u
#define REEVE_NODE_ARRAY 5u
#define REEVE_NODE_OBJECT 6u

/* A document: `nodes[0]` is its root and spans `node_count` nodes. node_count 0 means "no document". Strings lie in
 * `heap`, which may be larger than this document needs (it is shared by the documents of one batch). */
typedef struct reeve_document {
  const reeve_node *REEVE_NULLABLE nodes;
  const char *REEVE_NULLABLE heap;
  uint64_t heap_length;
  uint32_t node_count;
  uint32_t reserved;
} reeve_document;

typedef struct reeve_tag {
  reeve_string key;
  reeve_string value;
} reeve_tag;

/* What is to be known of one attribute beside its value: that it could not be read and why, or that the value was read
 * earlier than now. An attribute without a note was read in this sweep. */
typedef struct reeve_attribute_note {
  uint32_t struct_size;
  reeve_status status;  /* REEVE_OK: the value is there. Anything else: it was not read, and this is why */
  reeve_string name;    /* the attribute's name; "Tags" for the tags */
  reeve_string code;    /* AWS's error code, or Reeve's own for a failure before AWS; empty when status is REEVE_OK */
  reeve_string message; /* for a person */
  int64_t read_at;      /* when the value was read; 0: now */
} reeve_attribute_note;

/* Something discovered. */
typedef struct reeve_resource {
  uint32_t struct_size;
  uint32_t reserved;
  reeve_string type; /* "ec2:image" */
  reeve_string id;   /* unique for this type within account and region: "ami-0123456789abcdef0" */
  reeve_string arn;
  reeve_string account; /* twelve digits */
  reeve_string region;  /* "eu-central-1" */
  reeve_span tags;      /* of reeve_tag, in AWS's order */
  reeve_document attributes;
  reeve_span notes; /* of reeve_attribute_note */
} reeve_resource;

/* ---- One call ------------------------------------------------------------------------------------------------ */

/* What a check says of one resource. Not evaluated is an answer of its own: never pass what you could not look at. */
typedef struct reeve_verdict {
  uint32_t struct_size;
  uint32_t resource; /* index in the batch */
  uint32_t check;    /* index in the descriptor's checks */
  int32_t result;    /* REEVE_VERDICT_... */
  reeve_string message;
  reeve_string reason_code; /* for NOT_EVALUATED: the unread attribute's code, or the plugin's own word */
  reeve_document evidence;  /* what the verdict rests on, e.g. {"LaunchPermissions": [...]}; may be empty */
} reeve_verdict;
#define REEVE_VERDICT_PASS 0
#define REEVE_VERDICT_FAIL 1
#define REEVE_VERDICT_NOT_EVALUATED 2
#define REEVE_VERDICT_NOT_APPLICABLE 3

/* One change of one tag. Reeve turns it into calls with precondition, undo and verification. */
typedef struct reeve_tag_operation {
  uint32_t struct_size;
  uint32_t resource;  /* index in the batch */
  uint32_t operation; /* REEVE_TAG_... */
  uint32_t reserved;
  reeve_string key;
  reeve_string value;   /* SET: the new value */
  reeve_string new_key; /* RENAME: the new key; the value moves along */
  reeve_string reason;  /* for a person */
} reeve_tag_operation;
#define REEVE_TAG_SET 1u
#define REEVE_TAG_REMOVE 2u
#define REEVE_TAG_RENAME 3u

/* A remediation before it happens.
 *
 * `precondition` and `verification` are observations: an object {"service", "operation", "parameters", "expect"} whose
 * "expect" is an array of objects, all of which must hold for the response:
 *   {"path": "Images.0.Public", "is": true}                     the value there equals it
 *   {"path": "LaunchPermissions", "contains": {"Group": "all"}} an element of the array has at least these entries
 *   {"path": "LaunchPermissions", "lacks": {"Group": "all"}}    the array is there and none has
 *   {"path": "Images.0.Tags", "absent": true}                   nothing is there (or null, or an empty array)
 * A path is member names and array indexes joined by dots. `undo` is {"service", "operation", "parameters"}. */
typedef struct reeve_action {
  uint32_t struct_size;
  uint32_t resource; /* index in the batch */
  uint32_t risk;     /* REEVE_RISK_... */
  uint32_t reserved;
  reeve_string check;     /* the check whose finding this action answers */
  reeve_string service;   /* "ec2" */
  reeve_string operation; /* "ModifyImageAttribute" */
  reeve_string summary;   /* one line for a person */
  reeve_document parameters;
  reeve_document precondition;
  reeve_document undo;
  reeve_document verification;
  reeve_document before; /* the part of the resource that changes, as it is */
  reeve_document after;  /* and as it will be */
} reeve_action;
#define REEVE_RISK_LOW 1u
#define REEVE_RISK_MEDIUM 2u
#define REEVE_RISK_HIGH 3u

/* An AWS read that a discovery run asks for. */
typedef struct reeve_request {
  uint32_t struct_size;
  uint32_t id;    /* the run's own number for it, unique among its outstanding requests */
  uint32_t flags; /* REEVE_REQUEST_... */
  uint32_t reserved;
  reeve_string service;   /* "ec2" */
  reeve_string operation; /* "DescribeImages" */
  reeve_document parameters;
} reeve_request;
#define REEVE_REQUEST_ALL_PAGES 1u /* follow the pagination: one response a page, the last with last_page 1 */
#define REEVE_REQUEST_REUSABLE 2u  /* an answer recorded earlier will do while it is younger than the configured age */

typedef struct reeve_response {
  uint32_t struct_size;
  uint32_t request_id;
  reeve_status status; /* REEVE_OK, or why there is no body */
  uint32_t last_page;  /* 1: no further response to this request follows */
  reeve_document body;
  reeve_string error_code; /* AWS's error code, or Reeve's own */
  reeve_string error_message;
  int64_t read_at; /* when AWS answered: earlier than `now` for a reused answer */
} reeve_response;

/* What `items` of an emit are. */
#define REEVE_EMIT_RESOURCE 1u      /* reeve_resource; discovery only */
#define REEVE_EMIT_REQUEST 2u       /* reeve_request; discovery only */
#define REEVE_EMIT_VERDICT 3u       /* reeve_verdict; checks only */
#define REEVE_EMIT_TAG_OPERATION 4u /* reeve_tag_operation; taggers only */
#define REEVE_EMIT_ACTION 5u        /* reeve_action; remediators only */

#define REEVE_LOG_DEBUG 1
#define REEVE_LOG_INFO 2
#define REEVE_LOG_WARNING 3

#define REEVE_NO_RESOURCE 0xFFFFFFFFu

/* One call, as the plugin sees it. Valid until the callee returns; to be used on the calling thread only. */
typedef struct reeve_call reeve_call;
struct reeve_call {
  uint32_t struct_size;
  uint32_t reserved;
  void *REEVE_NULLABLE host; /* the host's own */
  int64_t now;               /* the sweep's time: the only clock a plugin has. Virtual in a replay */

  /* Purpose: ask whether the host wants this call to end early. Required: always there.
   * Returns: 1 to stop: return REEVE_ERROR_CANCELLED soon; else 0. Cheap enough to ask once per resource. */
  int32_t (*REEVE_NONNULL cancelled)(reeve_call *REEVE_NONNULL call);

  /* Purpose: hand results over. Required: always there.
   * Arguments: kind, REEVE_EMIT_...; items, an array of the struct that kind names, borrowed by the host for this call
   * (it copies). Returns: REEVE_OK; REEVE_ERROR_BAD_DATA when an item breaks the contract (index out of the batch,
   * unknown check, text that is not UTF-8, a kind that this interface does not emit): the whole call's results are then
   * void and it is this plugin's fault; REEVE_ERROR_CANCELLED. What was emitted counts only if the call returns OK. */
  reeve_status (*REEVE_NONNULL emit)(reeve_call *REEVE_NONNULL call, uint32_t kind, reeve_span items);

  /* Purpose: say why the call is about to fail. Required: always there; the first one counts.
   * Arguments: status, an error; resource, an index in the batch or REEVE_NO_RESOURCE; message, for a person. */
  void (*REEVE_NONNULL fail)(reeve_call *REEVE_NONNULL call, reeve_status status, uint32_t resource,
                             reeve_string message);

  /* Purpose: a line for the log. Required: always there. Arguments: level, REEVE_LOG_...; never put secrets here. */
  void (*REEVE_NONNULL log)(reeve_call *REEVE_NONNULL call, int32_t level, reeve_string message);

  /* Purpose: room to grow. Required: always there.
   * Arguments: identifier, NUL-terminated. Returns: a versioned service struct, or NULL when it is not offered. */
  const void *REEVE_NULLABLE (*REEVE_NONNULL service)(reeve_call *REEVE_NONNULL call,
                                                      const char *REEVE_NONNULL identifier);
};

/* ---- What an instance is made with ----------------------------------------------------------------------------- */

typedef struct reeve_account {
  uint32_t struct_size;
  uint32_t reserved;
  reeve_string id;
  reeve_string name;
  reeve_string state;     /* ACTIVE, SUSPENDED, ... as Organizations says it */
  reeve_string unit_path; /* "o-abc/r-root/ou-root-one/ou-root-two/" (aws:PrincipalOrgPaths' form); empty: not known */
} reeve_account;

typedef struct reeve_organizational_unit {
  uint32_t struct_size;
  uint32_t reserved;
  reeve_string id;
  reeve_string arn;
  reeve_string name;
  reeve_string path; /* as reeve_account's unit_path */
} reeve_organizational_unit;

typedef struct reeve_organization {
  uint32_t struct_size;
  uint32_t membership_known; /* 1: accounts and units are complete. 0: they could not be read; do not judge by them */
  reeve_string id;           /* empty: not known, or no organization */
  reeve_string arn;
  reeve_string management_account;
  reeve_string partition;             /* aws, aws-cn, aws-us-gov */
  reeve_span accounts;                /* of reeve_account */
  reeve_span units;                   /* of reeve_organizational_unit */
  reeve_span trusted;                 /* of reeve_string: account ids, organization and unit ARNs trusted by configuration */
  reeve_string membership_reason;     /* why membership is not known; empty when it is */
} reeve_organization;

typedef struct reeve_create_arguments {
  uint32_t struct_size;
  uint32_t reserved;
  reeve_document configuration; /* validated against the manifest's schema; an empty object when there is none */
  const reeve_organization *REEVE_NONNULL organization;
} reeve_create_arguments;

/* The plugin's own state. */
typedef struct reeve_instance reeve_instance;

/* ---- Interfaces: asked for by name, one struct each -------------------------------------------------------------- */

#define REEVE_INTERFACE_REENTRANT 1u /* calls into one instance may overlap */

/* Discovery: one run looks at one scope. */
#define REEVE_INTERFACE_DISCOVERY "reeve.discovery/1"

typedef struct reeve_wanted_attribute {
  reeve_string resource_type;
  reeve_string name;
} reeve_wanted_attribute;

typedef struct reeve_scope {
  uint32_t struct_size;
  uint32_t reserved;
  reeve_string account;
  reeve_string region;
  reeve_string partition;
  reeve_span wanted; /* of reeve_wanted_attribute: the union of what the selected checks read. Make no call for others */
} reeve_scope;

/* One scope's discovery, from begin to end. */
typedef struct reeve_run reeve_run;
#define REEVE_RUN_DONE 0   /* finished: everything emitted is committed */
#define REEVE_RUN_MORE 1   /* requests are outstanding: call resume with the responses */
#define REEVE_RUN_FAILED 2 /* say why with `fail`: nothing emitted counts */

typedef struct reeve_discovery {
  uint32_t struct_size;
  uint32_t flags; /* REEVE_INTERFACE_... */

  /* Purpose: start a run; it emits requests and maybe resources. Required.
   * Arguments: run, where to put the run; it is set also when the run fails, unless it could not be made at all.
   * Returns: REEVE_RUN_...; MORE with no request outstanding is the plugin's fault ("stalled"). */
  int32_t (*REEVE_NONNULL begin)(reeve_instance *REEVE_NONNULL instance, reeve_call *REEVE_NONNULL call,
                                 const reeve_scope *REEVE_NONNULL scope, reeve_run *REEVE_NULLABLE *REEVE_NONNULL run);

  /* Purpose: go on with what has been answered since. Required.
   * Arguments: responses, of reeve_response, at least one; those of one request in page order.
   * Returns: REEVE_RUN_... */
  int32_t (*REEVE_NONNULL resume)(reeve_run *REEVE_NONNULL run, reeve_call *REEVE_NONNULL call, reeve_span responses);

  /* Purpose: release the run. Required; called exactly once for each run made, also after a failure or a cancel. */
  void (*REEVE_NONNULL end)(reeve_run *REEVE_NONNULL run);
} reeve_discovery;

/* Checks: a batch of resources in, a verdict for each resource × check out. */
#define REEVE_INTERFACE_CHECK "reeve.check/1"

typedef struct reeve_check {
  uint32_t struct_size;
  uint32_t flags;

  /* Purpose: evaluate. Required.
   * Arguments: resources, of reeve_resource, only of the types that the manifest names; checks, of uint32_t: indexes of
   * the descriptor's checks that were selected. Returns: REEVE_OK when every resource × check × type the manifest binds
   * has exactly one verdict; the order does not matter. One that is missing becomes not evaluated ("no verdict"). */
  reeve_status (*REEVE_NONNULL evaluate)(reeve_instance *REEVE_NONNULL instance, reeve_call *REEVE_NONNULL call,
                                         reeve_span resources, reeve_span checks);
} reeve_check;

/* Tagging enforcement: a batch of resources in, tag operations out. */
#define REEVE_INTERFACE_TAGGER "reeve.tagger/1"

typedef struct reeve_tagger {
  uint32_t struct_size;
  uint32_t flags;

  /* Purpose: propose tag operations. Required. Propose only what can be derived; leave the rest to a person.
   * Arguments: resources, of reeve_resource. Returns: REEVE_OK or an error. */
  reeve_status (*REEVE_NONNULL propose)(reeve_instance *REEVE_NONNULL instance, reeve_call *REEVE_NONNULL call,
                                        reeve_span resources);
} reeve_tagger;

/* Remediation: findings with their resources in, actions out. */
#define REEVE_INTERFACE_REMEDIATOR "reeve.remediator/1"

typedef struct reeve_finding {
  uint32_t struct_size;
  uint32_t resource;  /* index in the batch */
  reeve_string check; /* check id */
  reeve_string message;
  reeve_document evidence;
} reeve_finding;

typedef struct reeve_remediator {
  uint32_t struct_size;
  uint32_t flags;

  /* Purpose: plan. Required. Arguments: resources, of reeve_resource; findings, of reeve_finding, open ones of the checks
   * that the manifest says this plugin remediates. Returns: REEVE_OK or an error. */
  reeve_status (*REEVE_NONNULL plan)(reeve_instance *REEVE_NONNULL instance, reeve_call *REEVE_NONNULL call,
                                     reeve_span resources, reeve_span findings);
} reeve_remediator;

/* ---- The descriptor and the one exported symbol ------------------------------------------------------------------ */

typedef struct reeve_plugin {
  uint32_t struct_size;
  uint32_t magic; /* REEVE_PLUGIN_MAGIC */
  uint16_t abi_major;
  uint16_t abi_minor;       /* of the header it was compiled with */
  uint16_t need_host_minor; /* the least minor of a host that it can work with */
  uint16_t reserved;
  reeve_string id;        /* "reeve.public-image": as in plugin.json */
  reeve_string version;   /* "1.0.0": as in plugin.json */
  reeve_string kit;       /* "ReevePluginKit 1.0", or "C" */
  reeve_string toolchain; /* compiler and version, for messages */
  reeve_span checks;      /* of reeve_string: check ids; verdicts name them by index */

  /* Purpose: make an instance for one sweep. Required.
   * Returns: REEVE_OK with *instance set, or an error after `fail` said what is wrong with the configuration. */
  reeve_status (*REEVE_NONNULL create)(reeve_call *REEVE_NONNULL call,
                                       const reeve_create_arguments *REEVE_NONNULL arguments,
                                       reeve_instance *REEVE_NULLABLE *REEVE_NONNULL instance);

  /* Purpose: release an instance. Required; no run of it is alive by then. */
  void (*REEVE_NONNULL destroy)(reeve_instance *REEVE_NONNULL instance);

  /* Purpose: an interface struct by name. Required. Arguments: identifier, REEVE_INTERFACE_..., NUL-terminated.
   * Returns: a static struct, or NULL when this plugin does not have it. */
  const void *REEVE_NULLABLE (*REEVE_NONNULL interface)(const char *REEVE_NONNULL identifier);
} reeve_plugin;

typedef struct reeve_hello {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  reeve_string host;         /* "reeve" */
  reeve_string host_version; /* "1.0.0" */
} reeve_hello;

/* The one symbol a plugin exports; the major version is part of its name.
 * Purpose: introduce the plugin. Returns: a static descriptor, or NULL when it cannot work with this host.
 * Threading: called once per process, before anything else. It must not fail, and it must not do work. */
REEVE_EXPORT const reeve_plugin *REEVE_NULLABLE reeve_plugin_entry_v1(const reeve_hello *REEVE_NONNULL hello);

/* ---- Readers, for plugins written in C ---------------------------------------------------------------------------- */

#define REEVE_STRING(literal) ((reeve_string){(literal), sizeof(literal) - 1})

static inline reeve_string reeve_string_of(const char *REEVE_NONNULL text) {
  reeve_string string = {text, strlen(text)};
  return string;
}
static inline int reeve_string_equals(reeve_string string, const char *REEVE_NONNULL text) {
  size_t length = strlen(text);
  return string.length == length && (length == 0 || memcmp(string.bytes, text, length) == 0);
}
static inline const void *REEVE_NULLABLE reeve_span_at(reeve_span span, uint32_t index) {
  return index < span.count ? (const void *)((const char *)span.items + (size_t)index * span.stride) : NULL;
}
static inline const reeve_resource *REEVE_NULLABLE reeve_resource_at(reeve_span resources, uint32_t index) {
  return (const reeve_resource *)reeve_span_at(resources, index);
}
/* The text of a string node; empty for any other node. */
static inline reeve_string reeve_node_text(const reeve_document *REEVE_NONNULL document, uint32_t node) {
  reeve_string none = {NULL, 0};
  if (node >= document->node_count || document->nodes[node].kind != REEVE_NODE_STRING) return none;
  uint64_t value = document->nodes[node].value;
  reeve_string text = {document->heap + (value >> 32), value & 0xFFFFFFFFu};
  return text;
}
#define REEVE_NO_NODE 0xFFFFFFFFu
/* The value of an object's entry: a node's index, or REEVE_NO_NODE. */
static inline uint32_t reeve_member(const reeve_document *REEVE_NONNULL document, uint32_t object,
                                    const char *REEVE_NONNULL name) {
  if (object >= document->node_count || document->nodes[object].kind != REEVE_NODE_OBJECT) return REEVE_NO_NODE;
  uint32_t node = object + 1;
  for (uint64_t entry = 0; entry < document->nodes[object].value; entry++) {
    if (reeve_string_equals(reeve_node_text(document, node), name)) return node + 1;
    node += 1 + document->nodes[node + 1].span;
  }
  return REEVE_NO_NODE;
}
/* An array's element: a node's index, or REEVE_NO_NODE. Walk with nodes[i].span to visit all. */
static inline uint32_t reeve_element(const reeve_document *REEVE_NONNULL document, uint32_t array, uint64_t index) {
  if (array >= document->node_count || document->nodes[array].kind != REEVE_NODE_ARRAY) return REEVE_NO_NODE;
  if (index >= document->nodes[array].value) return REEVE_NO_NODE;
  uint32_t node = array + 1;
  for (; index > 0; index--) node += document->nodes[node].span;
  return node;
}
/* The note of an attribute that was not read; NULL when it was. */
static inline const reeve_attribute_note *REEVE_NULLABLE reeve_unread(const reeve_resource *REEVE_NONNULL resource,
                                                                      const char *REEVE_NONNULL name) {
  for (uint32_t i = 0; i < resource->notes.count; i++) {
    const reeve_attribute_note *note = (const reeve_attribute_note *)reeve_span_at(resource->notes, i);
    if (note->status != REEVE_OK && reeve_string_equals(note->name, name)) return note;
  }
  return NULL;
}

#ifdef __cplusplus
}
#endif
#endif
