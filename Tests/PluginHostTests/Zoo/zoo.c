/* A plugin of every kind, well behaved by default. The configuration's "mode" picks one way to misbehave; macros change
 * what the library says of itself. Compiled by the tests. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "reeve_plugin.h"

#ifndef ZOO_ID
#define ZOO_ID "org.example.zoo"
#endif
#ifndef ZOO_VERSION
#define ZOO_VERSION "1.0.0"
#endif
#ifndef ZOO_MAGIC
#define ZOO_MAGIC REEVE_PLUGIN_MAGIC
#endif
#ifndef ZOO_SIZE
#define ZOO_SIZE sizeof(reeve_plugin)
#endif
#ifndef ZOO_MAJOR
#define ZOO_MAJOR REEVE_ABI_MAJOR
#endif
#ifndef ZOO_NEED_MINOR
#define ZOO_NEED_MINOR 0
#endif
#ifndef ZOO_ENTRY
#define ZOO_ENTRY reeve_plugin_entry_v1
#endif

#ifndef ZOO_SECRET
#define ZOO_SECRET "/root/.aws/credentials"
#endif

#define EVERYTHING(type) .struct_size = sizeof(type)

/* What the tests want to know and the contract does not say: they lend an address. */
typedef struct census {
  int64_t created, destroyed, begun, ended, calls, runs_alive_at_destroy;
} census;

struct reeve_instance {
  char mode[64];
  census *census;
  int64_t accounts, trusted;
  char organization[64];
};

struct reeve_run {
  reeve_instance *instance;
  char account[16], region[32];
  int rounds;
};

static census nowhere;

static int mode_is(const reeve_instance *instance, const char *mode) { return strcmp(instance->mode, mode) == 0; }

static void copy(char *to, size_t size, reeve_string from) {
  size_t length = from.length < size - 1 ? from.length : size - 1;
  if (length > 0) memcpy(to, from.bytes, length);
  to[length] = 0;
}

/* ---- Documents ---- */

typedef struct builder {
  reeve_node nodes[512];
  uint32_t count;
  char heap[4096];
  uint32_t used;
  uint32_t open[128];
  uint32_t depth;
} builder;

static void add(builder *b, uint32_t kind, uint64_t value) {
  if (b->depth > 0 && b->nodes[b->open[b->depth - 1]].kind == REEVE_NODE_ARRAY) b->nodes[b->open[b->depth - 1]].value++;
  b->nodes[b->count++] = (reeve_node){kind, 1, value};
}
static uint64_t heap_text(builder *b, const char *text) {
  uint32_t length = (uint32_t)strlen(text), start = b->used;
  memcpy(b->heap + start, text, length);
  b->used += length;
  return (uint64_t)start << 32 | length;
}
static void text(builder *b, const char *value) { add(b, REEVE_NODE_STRING, heap_text(b, value)); }
static void boolean(builder *b, int value) { add(b, REEVE_NODE_BOOLEAN, value ? 1 : 0); }
static void begin_(builder *b, uint32_t kind) {
  add(b, kind, 0);
  b->open[b->depth++] = b->count - 1;
}
static void object(builder *b) { begin_(b, REEVE_NODE_OBJECT); }
static void array(builder *b) { begin_(b, REEVE_NODE_ARRAY); }
static void end_(builder *b) {
  uint32_t start = b->open[--b->depth];
  b->nodes[start].span = b->count - start;
}
static void name(builder *b, const char *value) {
  b->nodes[b->open[b->depth - 1]].value++;
  b->nodes[b->count++] = (reeve_node){REEVE_NODE_STRING, 1, heap_text(b, value)};
}
static reeve_document document(const builder *b) { return (reeve_document){b->nodes, b->heap, b->used, b->count, 0}; }

/* Part of a document, as a document of its own. */
static reeve_document part(const reeve_document *whole, uint32_t node) {
  if (node == REEVE_NO_NODE) return (reeve_document){0};
  return (reeve_document){whole->nodes + node, whole->heap, whole->heap_length, whole->nodes[node].span, 0};
}

/* ---- Instances ---- */

static reeve_status create(reeve_call *call, const reeve_create_arguments *arguments, reeve_instance **instance) {
  const reeve_document *configuration = &arguments->configuration;
  reeve_instance *made = calloc(1, sizeof *made);
  uint32_t node = reeve_member(configuration, 0, "mode");
  copy(made->mode, sizeof made->mode, reeve_node_text(configuration, node));
  node = reeve_member(configuration, 0, "census");
  made->census = node == REEVE_NO_NODE ? &nowhere : (census *)(uintptr_t)configuration->nodes[node].value;
  made->accounts = arguments->organization->accounts.count;
  made->trusted = arguments->organization->trusted.count;
  copy(made->organization, sizeof made->organization, arguments->organization->id);
  made->census->created++;
  if (mode_is(made, "create-fails")) {
    call->fail(call, REEVE_ERROR_CONFIGURATION, REEVE_NO_RESOURCE, REEVE_STRING("no such mode"));
    free(made);
    return REEVE_ERROR_CONFIGURATION;
  }
  if (mode_is(made, "create-crash")) __builtin_trap();
  if (mode_is(made, "create-null")) {
    free(made);
    return REEVE_OK;
  }
  if (mode_is(made, "create-emits")) {
    reeve_verdict verdict = {EVERYTHING(reeve_verdict)};
    call->emit(call, REEVE_EMIT_VERDICT, (reeve_span){&verdict, 1, sizeof verdict});
  }
  *instance = made;
  return REEVE_OK;
}

static void destroy(reeve_instance *instance) {
  instance->census->destroyed++;
  instance->census->runs_alive_at_destroy += instance->census->begun - instance->census->ended;
  free(instance);
}

/* ---- Checks ---- */

static reeve_verdict judge(const reeve_resource *resource, uint32_t index, uint32_t check) {
  reeve_verdict verdict = {EVERYTHING(reeve_verdict), .resource = index, .check = check};
  const reeve_attribute_note *unread = reeve_unread(resource, "Public");
  uint32_t node = reeve_member(&resource->attributes, 0, "Public");
  if (unread) {
    verdict.result = REEVE_VERDICT_NOT_EVALUATED;
    verdict.reason_code = unread->code;
  } else if (node == REEVE_NO_NODE) {
    verdict.result = REEVE_VERDICT_NOT_APPLICABLE;
  } else if (resource->attributes.nodes[node].value) {
    verdict.result = REEVE_VERDICT_FAIL;
    verdict.message = resource->id;
    verdict.evidence = part(&resource->attributes, 0);
  }
  return verdict;
}

static void emit_verdict(reeve_call *call, reeve_verdict verdict) {
  call->emit(call, REEVE_EMIT_VERDICT, (reeve_span){&verdict, 1, sizeof verdict});
}

static void *emit_elsewhere(void *call) {
  emit_verdict((reeve_call *)call, (reeve_verdict){EVERYTHING(reeve_verdict)});
  return NULL;
}

/* A verdict's evidence that is no document. */
static int broken_document(const reeve_instance *instance, reeve_call *call) {
  static const char not_utf8[] = {(char)0xC3, (char)0x28};
  builder b = {0};
  object(&b);
  name(&b, "a");
  array(&b);
  boolean(&b, 1);
  text(&b, "text");
  end_(&b);
  end_(&b);
  reeve_document evidence = document(&b);
  if (mode_is(instance, "document-span-0")) b.nodes[3].span = 0;
  else if (mode_is(instance, "document-span-beyond")) b.nodes[4].span = 9;
  else if (mode_is(instance, "document-root-span")) b.nodes[0].span = 3;
  else if (mode_is(instance, "document-child-beyond")) b.nodes[3].span = 2;
  else if (mode_is(instance, "document-container-short")) b.nodes[2].value = 1;
  else if (mode_is(instance, "document-container-long")) b.nodes[2].value = 3;
  else if (mode_is(instance, "document-name-missing")) b.nodes[1].kind = REEVE_NODE_INTEGER;
  else if (mode_is(instance, "document-kind")) b.nodes[3].kind = 7;
  else if (mode_is(instance, "document-boolean")) b.nodes[3].value = 2;
  else if (mode_is(instance, "document-real")) b.nodes[3] = (reeve_node){REEVE_NODE_REAL, 1, 0x7FF8000000000000u};
  else if (mode_is(instance, "document-empty-array")) b.nodes[3] = (reeve_node){REEVE_NODE_ARRAY, 1, 5};
  else if (mode_is(instance, "document-heap")) b.nodes[4].value = (uint64_t)1 << 32 | 4096;
  else if (mode_is(instance, "document-offset")) b.nodes[4].value = 0xFFFFFFFFFFFFFFFFu;
  else if (mode_is(instance, "document-heap-null")) evidence.heap = NULL;
  else if (mode_is(instance, "document-nodes-null")) evidence.nodes = NULL;
  else if (mode_is(instance, "document-utf8")) memcpy(b.heap + 1, not_utf8, 2);
  else if (mode_is(instance, "document-deep")) {
    b = (builder){0};
    for (int level = 0; level < 65; level++) array(&b);
    boolean(&b, 1);
    for (int level = 0; level < 65; level++) end_(&b);
    evidence = document(&b);
  } else return 0;
  emit_verdict(call, (reeve_verdict){EVERYTHING(reeve_verdict), .result = REEVE_VERDICT_FAIL, .evidence = evidence});
  return 1;
}

static int lie_about_verdicts(const reeve_instance *instance, reeve_call *call, reeve_span resources) {
  reeve_verdict verdict = {EVERYTHING(reeve_verdict), .result = REEVE_VERDICT_FAIL};
  reeve_span one = {&verdict, 1, sizeof verdict};
  static const char not_utf8[] = {'a', (char)0xFF};
  if (mode_is(instance, "index")) verdict.resource = resources.count;
  else if (mode_is(instance, "check")) verdict.check = 99;
  else if (mode_is(instance, "unasked")) verdict.check = 1;
  else if (mode_is(instance, "result")) verdict.result = 7;
  else if (mode_is(instance, "stride")) one.stride = 8;
  else if (mode_is(instance, "size")) verdict.struct_size = 8;
  else if (mode_is(instance, "size-beyond-stride")) verdict.struct_size = 88;
  else if (mode_is(instance, "null-items")) one.items = NULL;
  else if (mode_is(instance, "utf8")) verdict.message = (reeve_string){not_utf8, 2};
  else if (mode_is(instance, "null-text")) verdict.message = (reeve_string){NULL, 5};
  else if (mode_is(instance, "long-text")) verdict.message = (reeve_string){"x", (uint64_t)1 << 40};
  else if (mode_is(instance, "many-items")) one = (reeve_span){&verdict, 0xFFFFFFFFu, sizeof verdict};
  else if (mode_is(instance, "twice")) emit_verdict(call, verdict);
  else return broken_document(instance, call);
  call->emit(call, REEVE_EMIT_VERDICT, one);
  return 1;
}

/* The verdict and the resource of a later header than the host's. */
typedef struct later_verdict {
  reeve_verdict now;
  uint64_t confidence;
} later_verdict;
typedef struct later_resource {
  reeve_resource now;
  reeve_string owner;
} later_resource;

#include "crimes.h"

/* Crimes, by the mode: "told-…" says where it is before each step, "mute-…" hands everything over at the end, "only-N-…"
 * commits the crime in the check of index N alone, "all-…" on everything, "fiftieth-…" on one in fifty, picked by its id. */
static reeve_status evaluate_criminally(const reeve_instance *instance, reeve_call *call, reeve_span resources,
                                        reeve_span checks) {
  const char *crime = instance->mode + strlen("crime-");
  const reeve_progress *progress = NULL;
  int tells = strncmp(crime, "told-", 5) == 0, mute = strncmp(crime, "mute-", 5) == 0;
  uint32_t only = REEVE_NO_CHECK;
  if (tells || mute) crime += 5;
  int all = strncmp(crime, "all-", 4) == 0, fiftieth = strncmp(crime, "fiftieth-", 9) == 0;
  if (all) crime += 4;
  if (fiftieth) crime += 9;
  if (strncmp(crime, "only-", 5) == 0) {
    only = (uint32_t)(crime[5] - '0');
    crime += 7;
  }
  if (tells) progress = (const reeve_progress *)call->service(call, REEVE_SERVICE_PROGRESS);
  static reeve_verdict held[20000];
  static char hauls[64][1024];
  uint32_t count = 0, hauled = 0;
  for (uint32_t i = 0; i < resources.count; i++) {
    const reeve_resource *resource = reeve_resource_at(resources, i);
    for (uint32_t c = 0; c < checks.count; c++) {
      uint32_t check = *(const uint32_t *)reeve_span_at(checks, c);
      if (progress) progress->at(call, i, check);
      reeve_verdict verdict = judge(resource, i, check);
      char *haul = hauls[hauled % 64];
      int bad = resource->id.length >= 7 && memcmp(resource->id.bytes, "ami-bad", 7) == 0;
      if (fiftieth) {
        uint32_t sum = 0;
        for (uint64_t at = 0; at < resource->id.length; at++) sum = sum * 31 + (unsigned char)resource->id.bytes[at];
        bad = sum % 50 == 0;
      }
      bad |= all;
      if (bad && (only == REEVE_NO_CHECK || only == check) && commit_crime(crime, resource, haul, sizeof hauls[0])) {
        verdict.result = REEVE_VERDICT_FAIL;
        verdict.message = reeve_string_of(haul);
        hauled++;
      }
      if (mute && count < 20000) held[count++] = verdict;
      else if (call->emit(call, REEVE_EMIT_VERDICT, (reeve_span){&verdict, 1, sizeof verdict}) != REEVE_OK)
        return REEVE_ERROR_INTERNAL;
    }
  }
  if (mute) call->emit(call, REEVE_EMIT_VERDICT, (reeve_span){held, count, sizeof held[0]});
  return REEVE_OK;
}

static reeve_status evaluate(reeve_instance *instance, reeve_call *call, reeve_span resources, reeve_span checks) {
  if (strncmp(instance->mode, "crime-", 6) == 0) return evaluate_criminally(instance, call, resources, checks);
  instance->census->calls++;
  if (lie_about_verdicts(instance, call, resources)) return REEVE_OK; /* and say that all is well */
  if (mode_is(instance, "kind")) {
    reeve_tag_operation operation = {EVERYTHING(reeve_tag_operation)};
    call->emit(call, REEVE_EMIT_TAG_OPERATION, (reeve_span){&operation, 1, sizeof operation});
    return REEVE_OK;
  }
  if (mode_is(instance, "kind-unknown")) {
    call->emit(call, 99, (reeve_span){instance, 1, 8});
    return REEVE_OK;
  }
  if (mode_is(instance, "missing")) return REEVE_OK;
  if (mode_is(instance, "status")) return 77;
  if (mode_is(instance, "thread")) {
    pthread_t thread;
    pthread_create(&thread, NULL, emit_elsewhere, call);
    pthread_join(thread, NULL);
    return REEVE_OK;
  }
  if (mode_is(instance, "hangs")) {
    for (;;) pthread_testcancel();
  }
  if (mode_is(instance, "until-cancelled")) {
    while (!call->cancelled(call)) {}
    return REEVE_ERROR_CANCELLED;
  }
  if (mode_is(instance, "logs")) {
    static const char bad[] = "\x1b[31mred\xff";
    call->log(call, REEVE_LOG_INFO, REEVE_STRING(bad));
    for (int line = 0; line < 2000; line++) call->log(call, REEVE_LOG_DEBUG, REEVE_STRING("again"));
  }
  if (mode_is(instance, "service") && call->service(call, "reeve.no-such-service/1") == NULL)
    call->log(call, REEVE_LOG_INFO, REEVE_STRING("no such service"));
  for (uint32_t i = 0; i < resources.count; i++) {
    const reeve_resource *resource = reeve_resource_at(resources, i);
    for (uint32_t c = 0; c < checks.count; c++) {
      later_verdict verdict = {.now = judge(resource, i, *(const uint32_t *)reeve_span_at(checks, c))};
      reeve_span one = {&verdict, 1, sizeof verdict.now};
      if (mode_is(instance, "later-plugin")) {
        verdict.now.struct_size = one.stride = sizeof verdict;
        verdict.confidence = ~0ull;
      }
      char message[160];
      if (mode_is(instance, "organization")) {
        snprintf(message, sizeof message, "%s: %ld accounts, %ld trusted", instance->organization,
                 (long)instance->accounts, (long)instance->trusted);
        verdict.now.result = REEVE_VERDICT_FAIL;
        verdict.now.message = reeve_string_of(message);
      }
      if (mode_is(instance, "resource")) {
        snprintf(message, sizeof message, "%.*s %.*s %.*s %.*s %.*s %u tags %.*s=%.*s now %ld", (int)resource->type.length,
                 resource->type.bytes, (int)resource->id.length, resource->id.bytes, (int)resource->arn.length,
                 resource->arn.bytes, (int)resource->account.length, resource->account.bytes,
                 (int)resource->region.length, resource->region.bytes, resource->tags.count,
                 (int)((const reeve_tag *)resource->tags.items)->key.length,
                 ((const reeve_tag *)resource->tags.items)->key.bytes,
                 (int)((const reeve_tag *)resource->tags.items)->value.length,
                 ((const reeve_tag *)resource->tags.items)->value.bytes, (long)call->now);
        verdict.now.result = REEVE_VERDICT_FAIL;
        verdict.now.message = reeve_string_of(message);
      }
      if (mode_is(instance, "earlier-host")) {
        verdict.now.result = REEVE_VERDICT_FAIL;
        verdict.now.message = REEVE_HAS(resource, later_resource, owner) ? REEVE_STRING("has an owner field")
                                                                          : REEVE_STRING("has no owner field");
      }
      if (call->emit(call, REEVE_EMIT_VERDICT, one) != REEVE_OK) return REEVE_ERROR_INTERNAL;
    }
  }
  if (mode_is(instance, "fails-at-the-end")) {
    call->fail(call, REEVE_ERROR_INTERNAL, 0, REEVE_STRING("lost my \x1b[0mmarbles"));
    call->fail(call, REEVE_ERROR_DENIED, REEVE_NO_RESOURCE, REEVE_STRING("a later excuse"));
    return REEVE_ERROR_INTERNAL;
  }
  return REEVE_OK;
}

/* ---- Tagger ---- */

static reeve_status propose(reeve_instance *instance, reeve_call *call, reeve_span resources) {
  instance->census->calls++;
  for (uint32_t i = 0; i < resources.count; i++) {
    if (mode_is(instance, "tag-crash") && reeve_resource_at(resources, i)->id.length > 6 &&
        memcmp(reeve_resource_at(resources, i)->id.bytes, "ami-bad", 7) == 0)
      __builtin_trap();
    reeve_tag_operation operations[] = {
        {EVERYTHING(reeve_tag_operation), .resource = i, .operation = REEVE_TAG_SET, .key = REEVE_STRING("Owner"),
         .value = REEVE_STRING("team-a"), .reason = REEVE_STRING("by account")},
        {EVERYTHING(reeve_tag_operation), .resource = i, .operation = REEVE_TAG_RENAME, .key = REEVE_STRING("purpose"),
         .new_key = REEVE_STRING("Purpose")},
        {EVERYTHING(reeve_tag_operation), .resource = i, .operation = REEVE_TAG_REMOVE, .key = REEVE_STRING("tmp")},
    };
    if (mode_is(instance, "tag-aws")) operations[1].new_key = REEVE_STRING("aws:Purpose");
    if (mode_is(instance, "tag-index")) operations[0].resource = resources.count;
    if (mode_is(instance, "tag-kind")) operations[0].operation = 4;
    if (mode_is(instance, "tag-twice")) operations[2].key = REEVE_STRING("Owner");
    if (mode_is(instance, "tag-no-key")) operations[2].key = (reeve_string){0};
    call->emit(call, REEVE_EMIT_TAG_OPERATION, (reeve_span){operations, 3, sizeof operations[0]});
  }
  return REEVE_OK;
}

/* ---- Remediator ---- */

static void call_entries(builder *b, const char *operation) {
  name(b, "service"); text(b, "ec2");
  name(b, "operation"); text(b, operation);
  name(b, "parameters"); object(b); name(b, "ImageId"); text(b, "ami-1"); end_(b);
}

static void observe(builder *b, const char *operation, const char *comparison) {
  object(b);
  call_entries(b, operation);
  name(b, "expect"); array(b);
  object(b);
  name(b, "path"); text(b, "LaunchPermissions");
  name(b, comparison); object(b); name(b, "Group"); text(b, "all"); end_(b);
  end_(b);
  end_(b);
  end_(b);
}

static reeve_status plan(reeve_instance *instance, reeve_call *call, reeve_span resources, reeve_span findings) {
  instance->census->calls++;
  for (uint32_t i = 0; i < findings.count; i++) {
    const reeve_finding *finding = (const reeve_finding *)reeve_span_at(findings, i);
    builder parameters = {0}, precondition = {0}, verification = {0}, undo = {0}, before = {0}, after = {0};
    object(&parameters); name(&parameters, "ImageId"); text(&parameters, "ami-1"); end_(&parameters);
    observe(&precondition, mode_is(instance, "action-precondition-writes") ? "ModifyImageAttribute"
                           : mode_is(instance, "action-precondition-not-granted") ? "DescribeInstances" : "DescribeImageAttribute",
            mode_is(instance, "action-precondition-empty") ? "hopes" : "contains");
    observe(&verification, "DescribeImageAttribute", "lacks");
    object(&undo);
    call_entries(&undo, mode_is(instance, "action-undo-not-granted") ? "RunInstances" : "ModifyImageAttribute");
    end_(&undo);
    object(&before); name(&before, "Public"); boolean(&before, 1); end_(&before);
    object(&after); name(&after, "Public"); boolean(&after, 0); end_(&after);
    reeve_action action = {EVERYTHING(reeve_action), .resource = finding->resource, .risk = REEVE_RISK_HIGH,
                           .check = finding->check, .service = REEVE_STRING("ec2"),
                           .operation = REEVE_STRING("ModifyImageAttribute"), .summary = finding->message,
                           .parameters = document(&parameters), .precondition = document(&precondition),
                           .undo = document(&undo), .verification = document(&verification),
                           .before = document(&before), .after = document(&after)};
    if (mode_is(instance, "action-not-granted")) action.operation = REEVE_STRING("TerminateInstances");
    if (mode_is(instance, "action-check")) action.check = REEVE_STRING("zoo.second");
    if (mode_is(instance, "action-resource")) action.resource = resources.count;
    if (mode_is(instance, "action-other-resource")) action.resource = finding->resource + 1;
    if (mode_is(instance, "action-risk")) action.risk = 0;
    if (mode_is(instance, "action-no-summary")) action.summary = (reeve_string){0};
    if (mode_is(instance, "action-no-precondition")) action.precondition = (reeve_document){0};
    if (mode_is(instance, "action-no-undo")) action.undo = (reeve_document){0};
    if (mode_is(instance, "action-undo-broken")) action.undo = document(&before);
    if (mode_is(instance, "action-parameters")) action.parameters = part(&action.parameters, 1);
    call->emit(call, REEVE_EMIT_ACTION, (reeve_span){&action, 1, sizeof action});
  }
  return REEVE_OK;
}

/* ---- Discovery ---- */

static void request(reeve_run *run, reeve_call *call, uint32_t id, const char *operation, uint32_t flags) {
  builder b = {0};
  object(&b);
  name(&b, "Owners"); array(&b); text(&b, "self"); end_(&b);
  end_(&b);
  reeve_request request = {EVERYTHING(reeve_request), .id = id, .flags = flags, .service = REEVE_STRING("ec2"),
                           .operation = reeve_string_of(operation), .parameters = document(&b)};
  if (mode_is(run->instance, "request-parameters")) request.parameters = part(&request.parameters, 1);
  call->emit(call, REEVE_EMIT_REQUEST, (reeve_span){&request, 1, sizeof request});
}

static int32_t begin(reeve_instance *instance, reeve_call *call, const reeve_scope *scope, reeve_run **made) {
  if (mode_is(instance, "no-run")) return REEVE_RUN_DONE;
  if (mode_is(instance, "begin-crash") && reeve_string_equals(scope->region, "us-bad-1")) __builtin_trap();
  reeve_run *run = calloc(1, sizeof *run);
  run->instance = instance;
  copy(run->account, sizeof run->account, scope->account);
  copy(run->region, sizeof run->region, scope->region);
  instance->census->begun++;
  *made = run;
  if (mode_is(instance, "begin-fails")) {
    call->fail(call, REEVE_ERROR_INTERNAL, REEVE_NO_RESOURCE, REEVE_STRING("no wish to"));
    return REEVE_RUN_FAILED;
  }
  if (mode_is(instance, "begin-status")) return 9;
  if (mode_is(instance, "stalled")) return REEVE_RUN_MORE;
  if (mode_is(instance, "done-at-once")) return REEVE_RUN_DONE;
  if (mode_is(instance, "denied") || mode_is(instance, "denied-forever")) {
    request(run, call, 7, "TerminateInstances", 0);
    return REEVE_RUN_MORE;
  }
  if (mode_is(instance, "request-writes") || mode_is(instance, "denied-read")) {
    request(run, call, 7, mode_is(instance, "denied-read") ? "DescribeInstances" : "ModifyImageAttribute", 0);
    return REEVE_RUN_MORE;
  }
  uint32_t flags = mode_is(instance, "request-flags") ? 64 : REEVE_REQUEST_ALL_PAGES | REEVE_REQUEST_REUSABLE;
  request(run, call, 1, "DescribeImages", flags);
  if (mode_is(instance, "request-twice")) request(run, call, 1, "DescribeImages", 0);
  return REEVE_RUN_MORE;
}

static void emit_resource(reeve_run *run, reeve_call *call, reeve_string id, reeve_document attributes) {
  reeve_instance *instance = run->instance;
  char arn[128];
  snprintf(arn, sizeof arn, "arn:aws:ec2:%s::image/%.*s", run->region, (int)id.length, id.bytes);
  reeve_tag tag = {REEVE_STRING("Owner"), REEVE_STRING("team-a")};
  reeve_attribute_note note = {EVERYTHING(reeve_attribute_note), .status = REEVE_ERROR_DENIED,
                               .name = REEVE_STRING("LaunchPermissions"), .code = REEVE_STRING("UnauthorizedOperation"),
                               .message = REEVE_STRING("not authorized")};
  reeve_resource resource = {EVERYTHING(reeve_resource), .type = REEVE_STRING("ec2:image"), .id = id,
                             .arn = reeve_string_of(arn), .account = reeve_string_of(run->account),
                             .region = reeve_string_of(run->region), .tags = {&tag, 1, sizeof tag},
                             .attributes = attributes, .notes = {&note, 1, sizeof note}};
  if (mode_is(instance, "resource-type")) resource.type = REEVE_STRING("ec2:volume");
  if (mode_is(instance, "resource-account")) resource.account = REEVE_STRING("999999999999");
  if (mode_is(instance, "resource-region")) resource.region = REEVE_STRING("mars-north-1");
  if (mode_is(instance, "resource-arn")) resource.arn = REEVE_STRING("ami");
  if (mode_is(instance, "resource-id")) resource.id = (reeve_string){0};
  if (mode_is(instance, "resource-attributes")) resource.attributes = part(&attributes, 1);
  if (mode_is(instance, "resource-tags")) resource.tags = (reeve_span){NULL, 3, sizeof tag};
  if (mode_is(instance, "resource-tag-stride")) resource.tags.stride = 16;
  if (mode_is(instance, "note-status")) note.status = 55;
  if (mode_is(instance, "note-name")) note.name = (reeve_string){0};
  if (mode_is(instance, "note-size")) note.struct_size = 16;
  for (int times = mode_is(instance, "resource-twice") ? 2 : 1; times > 0; times--)
    call->emit(call, REEVE_EMIT_RESOURCE, (reeve_span){&resource, 1, sizeof resource});
}

static int32_t resume(reeve_run *run, reeve_call *call, reeve_span responses) {
  int last = 0;
  run->rounds++;
  if (mode_is(run->instance, "resume-crash")) __builtin_trap();
  for (uint32_t r = 0; r < responses.count; r++) {
    const reeve_response *response = (const reeve_response *)reeve_span_at(responses, r);
    if (response->status != REEVE_OK) {
      if (mode_is(run->instance, "denied-forever")) {
        request(run, call, 7, "TerminateInstances", 0);
        return REEVE_RUN_MORE;
      }
      if (mode_is(run->instance, "denied") || mode_is(run->instance, "request-writes") ||
          mode_is(run->instance, "denied-read")) {
        call->log(call, REEVE_LOG_INFO, response->error_code);
        return REEVE_RUN_DONE;
      }
      call->fail(call, response->status, REEVE_NO_RESOURCE, response->error_message);
      return REEVE_RUN_FAILED;
    }
    uint32_t images = reeve_member(&response->body, 0, "Images");
    uint64_t count = images == REEVE_NO_NODE ? 0 : response->body.nodes[images].value;
    for (uint64_t i = 0; i < count; i++) {
      reeve_document image = part(&response->body, reeve_element(&response->body, images, i));
      emit_resource(run, call, reeve_node_text(&image, reeve_member(&image, 0, "ImageId")), image);
    }
    last |= (int)response->last_page;
  }
  if (mode_is(run->instance, "emits-verdict")) emit_verdict(call, (reeve_verdict){EVERYTHING(reeve_verdict)});
  return last && !mode_is(run->instance, "stalls-later") ? REEVE_RUN_DONE : REEVE_RUN_MORE;
}

static void end(reeve_run *run) {
  run->instance->census->ended++;
  if (mode_is(run->instance, "falls-in-end")) __builtin_trap();
  free(run);
}

/* ---- The library ---- */

static const reeve_discovery discovery = {sizeof discovery, 0, begin, resume, end};
#ifdef ZOO_SHORT_INTERFACE
static const reeve_check check = {8, 0, evaluate};
#elif defined(ZOO_NULL_FUNCTION)
static const reeve_check check = {sizeof check, 0, 0};
#else
static const reeve_check check = {sizeof check, 0, evaluate};
#endif
static const reeve_tagger tagger = {sizeof tagger, 0, propose};
static const reeve_remediator remediator = {sizeof remediator, 0, plan};

static const void *interface(const char *identifier) {
#ifndef ZOO_NO_DISCOVERY
  if (strcmp(identifier, REEVE_INTERFACE_DISCOVERY) == 0) return &discovery;
#endif
  if (strcmp(identifier, REEVE_INTERFACE_CHECK) == 0) return &check;
  if (strcmp(identifier, REEVE_INTERFACE_TAGGER) == 0) return &tagger;
  if (strcmp(identifier, REEVE_INTERFACE_REMEDIATOR) == 0) return &remediator;
  return NULL;
}

static const reeve_string checks[] = {
#ifdef ZOO_CHECKS
    ZOO_CHECKS
#else
    {"zoo.public", 10}, {"zoo.second", 10}, {"zoo.snapshot", 12}
#endif
};

static const reeve_plugin plugin = {
    .struct_size = ZOO_SIZE,
    .magic = ZOO_MAGIC,
    .abi_major = ZOO_MAJOR,
    .need_host_minor = ZOO_NEED_MINOR,
    .id = {ZOO_ID, sizeof ZOO_ID - 1},
    .version = {ZOO_VERSION, sizeof ZOO_VERSION - 1},
    .kit = {"C", 1},
    .toolchain = {"cc", 2},
    .checks = {checks, sizeof checks / sizeof checks[0], sizeof checks[0]},
#ifndef ZOO_NULL_CREATE
    .create = create,
#endif
    .destroy = destroy,
    .interface = interface,
};

#ifdef ZOO_CONSTRUCTOR
__attribute__((constructor)) static void at_once(void) { ZOO_CONSTRUCTOR; }
#endif

REEVE_EXPORT const reeve_plugin *ZOO_ENTRY(const reeve_hello *hello) {
#ifdef ZOO_ENTRY_CRASHES
  __builtin_trap();
#endif
#ifdef ZOO_DECLINES
  return NULL;
#endif
#ifdef ZOO_UNDEFINED
  extern void no_such_function(void);
  no_such_function();
#endif
  return hello->abi_major == REEVE_ABI_MAJOR ? &plugin : NULL;
}
