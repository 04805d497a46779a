/* Deliberate wrongs, for `reeve plugin validate`: a check, tagger, remediator and discovery that keep the contract, until
 * the configuration's "crime" picks one way to break it. Each must be rejected with a message of its own. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "reeve_plugin.h"

struct reeve_instance {
  char crime[40];
  int64_t calls;
};

struct reeve_run {
  reeve_instance *instance;
  int rounds;
};

static int crime_is(const reeve_instance *instance, const char *crime) { return strcmp(instance->crime, crime) == 0; }

static reeve_status create(reeve_call *call, const reeve_create_arguments *arguments, reeve_instance **instance) {
  reeve_instance *made = calloc(1, sizeof *made);
  reeve_string crime = reeve_node_text(&arguments->configuration, reeve_member(&arguments->configuration, 0, "crime"));
  if (crime.length > 0 && crime.length < sizeof made->crime) memcpy(made->crime, crime.bytes, crime.length);
  uint32_t level = reeve_member(&arguments->configuration, 0, "level");
  if (crime_is(made, "create-refuses")) {
    call->fail(call, REEVE_ERROR_CONFIGURATION, REEVE_NO_RESOURCE, REEVE_STRING("not today"));
    free(made);
    return REEVE_ERROR_CONFIGURATION;
  }
  if (crime_is(made, "create-null")) {
    free(made);
    return REEVE_OK;
  }
  if (level != REEVE_NO_NODE && arguments->configuration.nodes[level].value == 9) abort(); /* fits the schema */
  *instance = made;
  return REEVE_OK;
}

static void destroy(reeve_instance *instance) { free(instance); }

static reeve_status emit(reeve_call *call, reeve_verdict verdict) {
  return call->emit(call, REEVE_EMIT_VERDICT, (reeve_span){&verdict, 1, sizeof verdict});
}

static const reeve_resource *kept;
static const reeve_resource *first_of_process;

static void *elsewhere(void *argument) {
  reeve_call *call = argument;
  call->log(call, REEVE_LOG_DEBUG, REEVE_STRING("from elsewhere"));
  return NULL;
}

/* What a later header might append; reading it without REEVE_HAS is the crime. */
typedef struct later_resource {
  reeve_resource now;
  uint64_t owner;
} later_resource;

static reeve_verdict judge(const reeve_instance *instance, const reeve_resource *resource) {
  reeve_verdict verdict = {.struct_size = sizeof verdict};
  const reeve_attribute_note *unread = reeve_unread(resource, "Public");
  uint32_t node = reeve_member(&resource->attributes, 0, "Public");
  if (crime_is(instance, "passes-unread")) return verdict;
  if (unread && crime_is(instance, "fails-unread")) {
    verdict.result = REEVE_VERDICT_FAIL;
    return verdict;
  }
  if (unread) {
    verdict.result = REEVE_VERDICT_NOT_EVALUATED;
    verdict.reason_code = crime_is(instance, "own-reason") ? REEVE_STRING("CouldNot") : unread->code;
  } else if (node == REEVE_NO_NODE) {
    verdict.result = REEVE_VERDICT_NOT_EVALUATED;
    verdict.reason_code = REEVE_STRING("AttributeMissing");
  } else if (resource->attributes.nodes[node].kind == REEVE_NODE_BOOLEAN && resource->attributes.nodes[node].value) {
    verdict.result = REEVE_VERDICT_FAIL;
    verdict.message = resource->id;
  }
  return verdict;
}

static reeve_status evaluate(reeve_instance *instance, reeve_call *call, reeve_span resources, reeve_span checks) {
  instance->calls++;
  if (crime_is(instance, "no-empty") && resources.count == 0) return REEVE_ERROR_BAD_DATA;
  if (crime_is(instance, "silent-failure")) return REEVE_ERROR_INTERNAL;
  if (crime_is(instance, "status-77")) return 77;
  if (crime_is(instance, "exits")) _exit(0);
  if (crime_is(instance, "loops")) for (;;) {}
  if (crime_is(instance, "opens-quietly") && instance->calls == 1) {
    FILE *file = fopen("/etc/passwd", "r");
    if (file) fclose(file);
    if (!file) return REEVE_ERROR_INTERNAL;
  }
  if (crime_is(instance, "forks")) {
    pid_t child = fork();
    if (child == 0) _exit(0);
  }
  if (crime_is(instance, "segfaults")) *(volatile int *)8 = 1;
  if (crime_is(instance, "aborts")) abort();
  if (crime_is(instance, "traps")) __builtin_trap();
  if (crime_is(instance, "quadratic"))
    for (volatile uint64_t work = (uint64_t)resources.count * resources.count * 100; work > 0; work--) {}
  if (crime_is(instance, "thread")) {
    pthread_t thread;
    pthread_create(&thread, NULL, elsewhere, call);
    pthread_join(thread, NULL);
  }
  if (crime_is(instance, "keeps-pointer")) {
    if (kept && kept->id.length == 0) return REEVE_ERROR_INTERNAL;
    kept = reeve_resource_at(resources, 0);
  }
  for (uint32_t i = 0; i < resources.count; i++) {
    if (!crime_is(instance, "never-asks") && call->cancelled(call) && !crime_is(instance, "ignores-stop")) {
      return crime_is(instance, "stops-with-ok") ? REEVE_OK : REEVE_ERROR_CANCELLED;
    }
    const reeve_resource *resource = reeve_resource_at(resources, i);
    if (crime_is(instance, "own-stride")) resource = (const reeve_resource *)resources.items + i;
    if (crime_is(instance, "beyond-size") && ((const later_resource *)resource)->owner == 7) return REEVE_OK;
    if (crime_is(instance, "beyond-count") && resource[resources.count - i].struct_size == 3) return REEVE_OK;
    if (!first_of_process) first_of_process = resource;
    for (uint32_t c = 0; c < checks.count; c++) {
      uint32_t check = *(const uint32_t *)reeve_span_at(checks, c);
      reeve_verdict verdict = judge(instance, resource);
      verdict.resource = i;
      verdict.check = check;
      if (check == 1) verdict = (reeve_verdict){.struct_size = sizeof verdict, .resource = i, .check = 1};
      if (crime_is(instance, "reads-undeclared") && reeve_member(&resource->attributes, 0, "State") != REEVE_NO_NODE)
        verdict.result = REEVE_VERDICT_NOT_APPLICABLE;
      if (crime_is(instance, "remembers") && instance->calls > 1 && verdict.result == REEVE_VERDICT_PASS)
        verdict.result = REEVE_VERDICT_NOT_APPLICABLE;
      if (crime_is(instance, "by-position") && i % 2 && verdict.result == REEVE_VERDICT_PASS)
        verdict.result = REEVE_VERDICT_NOT_APPLICABLE;
      if (crime_is(instance, "by-neighbour") && resources.count == 1 && verdict.result == REEVE_VERDICT_PASS)
        verdict.result = REEVE_VERDICT_NOT_APPLICABLE;
      if (crime_is(instance, "skips") && i % 3 == 2) continue;
      if (crime_is(instance, "index")) verdict.resource = resources.count + i;
      if (crime_is(instance, "check-index")) verdict.check = 40;
      if (crime_is(instance, "result")) verdict.result = 17;
      if (crime_is(instance, "small-struct")) verdict.struct_size = 8;
      if (crime_is(instance, "not-utf8")) {
        verdict.result = REEVE_VERDICT_FAIL;
        verdict.message = REEVE_STRING("\xff\xfe");
      }
      if (crime_is(instance, "huge-text")) {
        verdict.result = REEVE_VERDICT_FAIL;
        verdict.message = (reeve_string){"x", UINT64_C(1) << 40};
      }
      if (crime_is(instance, "bad-evidence")) {
        static const reeve_node node = {REEVE_NODE_OBJECT, 9, 4};
        verdict.result = REEVE_VERDICT_FAIL;
        verdict.evidence = (reeve_document){&node, NULL, 0, 1, 0};
      }
      reeve_status status = emit(call, verdict);
      if (crime_is(instance, "twice")) status = emit(call, verdict);
      if (crime_is(instance, "unasked")) {
        verdict.check = 1 - check;
        status = emit(call, verdict);
      }
      if (status != REEVE_OK && !crime_is(instance, "ignores-stop")) return status;
    }
  }
  if (crime_is(instance, "huge-count")) {
    static reeve_verdict verdict = {.struct_size = sizeof verdict};
    call->emit(call, REEVE_EMIT_VERDICT, (reeve_span){&verdict, 0xFFFFFFFFu, sizeof verdict});
  }
  if (crime_is(instance, "emits-request")) {
    reeve_request request = {.struct_size = sizeof request};
    call->emit(call, REEVE_EMIT_REQUEST, (reeve_span){&request, 1, sizeof request});
  }
  return REEVE_OK;
}

static reeve_status propose(reeve_instance *instance, reeve_call *call, reeve_span resources) {
  for (uint32_t i = 0; i < resources.count; i++) {
    if (call->cancelled(call)) return REEVE_ERROR_CANCELLED;
    const reeve_resource *resource = reeve_resource_at(resources, i);
    if (reeve_unread(resource, "Tags") && !crime_is(instance, "tags-unread")) continue;
    reeve_tag_operation operation = {.struct_size = sizeof operation, .resource = i, .operation = REEVE_TAG_SET,
                                     .key = REEVE_STRING("Reviewed"), .value = REEVE_STRING("no")};
    if (crime_is(instance, "tags-aws")) operation.key = REEVE_STRING("aws:Reviewed");
    reeve_status status = call->emit(call, REEVE_EMIT_TAG_OPERATION, (reeve_span){&operation, 1, sizeof operation});
    if (status != REEVE_OK) return status;
  }
  return REEVE_OK;
}

static reeve_status ask(reeve_call *call, const char *operation) {
  static const reeve_node nodes[] = {{REEVE_NODE_OBJECT, 1, 0}};
  reeve_request request = {.struct_size = sizeof request, .id = 1, .service = REEVE_STRING("ec2"),
                           .operation = reeve_string_of(operation), .parameters = {nodes, NULL, 0, 1, 0}};
  return call->emit(call, REEVE_EMIT_REQUEST, (reeve_span){&request, 1, sizeof request});
}

static int32_t begin(reeve_instance *instance, reeve_call *call, const reeve_scope *scope, reeve_run **made) {
  if (crime_is(instance, "no-run")) return REEVE_RUN_DONE;
  *made = calloc(1, sizeof **made);
  (*made)->instance = instance;
  if (scope->wanted.count == 0 && !crime_is(instance, "asks-unwanted")) return REEVE_RUN_DONE;
  if (crime_is(instance, "stalls")) return REEVE_RUN_MORE;
  ask(call, crime_is(instance, "asks-ungranted") ? "DescribeInstances"
            : crime_is(instance, "asks-write")   ? "ModifyImageAttribute"
                                                 : "DescribeImages");
  return REEVE_RUN_MORE;
}

static int32_t resume(reeve_run *run, reeve_call *call, reeve_span responses) {
  const reeve_response *response = (const reeve_response *)reeve_span_at(responses, 0);
  if (response->status != REEVE_OK) {
    if (crime_is(run->instance, "empty-on-denial")) return REEVE_RUN_DONE;
    if (!crime_is(run->instance, "mute-on-denial"))
      call->fail(call, response->status, REEVE_NO_RESOURCE, response->error_message);
    return REEVE_RUN_FAILED;
  }
  if (crime_is(run->instance, "never-done")) {
    ask(call, "DescribeImages");
    return REEVE_RUN_MORE;
  }
  return response->last_page ? REEVE_RUN_DONE : REEVE_RUN_MORE;
}

static void end(reeve_run *run) { free(run); }

static const void *interface(const char *identifier) {
  static const reeve_check check = {
      .struct_size = sizeof check,
#ifdef WRONGS_REENTRANT
      .flags = REEVE_INTERFACE_REENTRANT,
#endif
      .evaluate = evaluate};
  static const reeve_tagger tagger = {.struct_size = sizeof tagger, .propose = propose};
  static const reeve_discovery discovery = {
      .struct_size = sizeof discovery, .begin = begin, .resume = resume, .end = end};
#ifdef WRONGS_ANY_INTERFACE
  return &check;
#endif
  if (strcmp(identifier, REEVE_INTERFACE_CHECK) == 0) return &check;
  if (strcmp(identifier, REEVE_INTERFACE_TAGGER) == 0) return &tagger;
  if (strcmp(identifier, REEVE_INTERFACE_DISCOVERY) == 0) return &discovery;
  return NULL;
}

REEVE_EXPORT const reeve_plugin *reeve_plugin_entry_v1(const reeve_hello *hello) {
  static const reeve_string checks[] = {{"wrongs.public", 13}, {"wrongs.second", 13}};
  static const reeve_plugin plugin = {
      .struct_size = sizeof plugin,
      .magic = REEVE_PLUGIN_MAGIC,
      .abi_major = REEVE_ABI_MAJOR,
      .id = {"org.example.wrongs", 18},
      .version = {"1.0.0", 5},
      .kit = {"C", 1},
      .toolchain = {"cc", 2},
      .checks = {checks, 2, sizeof checks[0]},
      .create = create,
      .destroy = destroy,
      .interface = interface,
  };
  return hello->abi_major == REEVE_ABI_MAJOR ? &plugin : NULL;
}
