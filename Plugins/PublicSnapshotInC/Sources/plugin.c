/* The check of PublicSnapshot in plain C11, from the header alone: the contract is the header, not the Swift kit.
 *
 * It copies nothing: message and evidence are built in one buffer for each failing snapshot and handed over at once. */
#include "reeve_plugin.h"

#include <stdio.h>
#include <stdlib.h>

struct reeve_instance {
  int unused; /* the check has no configuration */
};

static reeve_status fail(reeve_call *call, reeve_status status, uint32_t resource, const char *message) {
  call->fail(call, status, resource, reeve_string_of(message));
  return status;
}

static reeve_status create(reeve_call *call, const reeve_create_arguments *arguments, reeve_instance **instance) {
  (void)arguments;
  *instance = calloc(1, sizeof(struct reeve_instance));
  return *instance ? REEVE_OK : fail(call, REEVE_ERROR_INTERNAL, REEVE_NO_RESOURCE, "out of memory");
}

static void destroy(reeve_instance *instance) { free(instance); }

static int is_public(const reeve_document *attributes, uint32_t permissions) {
  uint32_t node = permissions + 1;
  for (uint64_t i = 0; i < attributes->nodes[permissions].value; i++) {
    uint32_t group = reeve_member(attributes, node, "Group");
    if (group != REEVE_NO_NODE && reeve_string_equals(reeve_node_text(attributes, group), "all")) return 1;
    node += attributes->nodes[node].span;
  }
  return 0;
}

static reeve_status emit(reeve_call *call, reeve_verdict verdict) {
  reeve_span one = {&verdict, 1, sizeof verdict};
  return call->emit(call, REEVE_EMIT_VERDICT, one);
}

static reeve_status not_evaluated(reeve_call *call, reeve_verdict verdict, reeve_string code, reeve_string message) {
  verdict.result = REEVE_VERDICT_NOT_EVALUATED;
  verdict.reason_code = code;
  verdict.message = message;
  return emit(call, verdict);
}

static reeve_status failing(reeve_call *call, reeve_verdict verdict, const reeve_resource *resource) {
  static const char names[] = "CreateVolumePermissionsGroupall";
  /* {"CreateVolumePermissions": [{"Group": "all"}]} */
  static const reeve_node evidence[] = {
      {REEVE_NODE_OBJECT, 6, 1},
      {REEVE_NODE_STRING, 1, 23},                    /* CreateVolumePermissions */
      {REEVE_NODE_ARRAY, 4, 1},
      {REEVE_NODE_OBJECT, 3, 1},
      {REEVE_NODE_STRING, 1, (UINT64_C(23) << 32) | 5}, /* Group */
      {REEVE_NODE_STRING, 1, (UINT64_C(28) << 32) | 3}, /* all */
  };
  char message[256];
  int length = snprintf(message, sizeof message, "snapshot %.*s is public: every AWS account can copy its data",
                        (int)(resource->id.length < 128 ? resource->id.length : 128), resource->id.bytes);
  if (length < 0) return fail(call, REEVE_ERROR_INTERNAL, verdict.resource, "the message could not be written");
  verdict.result = REEVE_VERDICT_FAIL;
  verdict.message.bytes = message;
  verdict.message.length = (size_t)length < sizeof message ? (uint64_t)length : sizeof message - 1;
  verdict.evidence.nodes = evidence;
  verdict.evidence.node_count = sizeof evidence / sizeof evidence[0];
  verdict.evidence.heap = names;
  verdict.evidence.heap_length = sizeof names - 1;
  return emit(call, verdict);
}

static reeve_status evaluate_one(reeve_call *call, const reeve_resource *resource, reeve_verdict verdict) {
  static const char attribute[] = "CreateVolumePermissions";
  if (!reeve_string_equals(resource->type, "ec2:snapshot")) {
    verdict.result = REEVE_VERDICT_NOT_APPLICABLE;
    return emit(call, verdict);
  }
  const reeve_attribute_note *unread = reeve_unread(resource, attribute);
  if (unread) return not_evaluated(call, verdict, unread->code, unread->message);
  uint32_t permissions = reeve_member(&resource->attributes, 0, attribute);
  if (permissions == REEVE_NO_NODE || resource->attributes.nodes[permissions].kind == REEVE_NODE_NULL)
    return not_evaluated(call, verdict, REEVE_STRING("AttributeMissing"),
                         REEVE_STRING("CreateVolumePermissions is not among the attributes"));
  if (resource->attributes.nodes[permissions].kind != REEVE_NODE_ARRAY)
    return not_evaluated(call, verdict, REEVE_STRING("UnexpectedType"),
                         REEVE_STRING("CreateVolumePermissions is not an array"));
  if (is_public(&resource->attributes, permissions)) return failing(call, verdict, resource);
  verdict.result = REEVE_VERDICT_PASS;
  return emit(call, verdict);
}

static reeve_status evaluate(reeve_instance *instance, reeve_call *call, reeve_span resources, reeve_span checks) {
  (void)instance;
  for (uint32_t c = 0; c < checks.count; c++) {
    uint32_t check = *(const uint32_t *)reeve_span_at(checks, c);
    if (check != 0) return fail(call, REEVE_ERROR_BAD_DATA, REEVE_NO_RESOURCE, "this plugin has one check, number 0");
    for (uint32_t i = 0; i < resources.count; i++) {
      if (call->cancelled(call)) return fail(call, REEVE_ERROR_CANCELLED, REEVE_NO_RESOURCE, "stopped early");
      reeve_verdict verdict = {.struct_size = sizeof verdict, .resource = i, .check = check};
      reeve_status status = evaluate_one(call, reeve_resource_at(resources, i), verdict);
      if (status != REEVE_OK) return status;
    }
  }
  return REEVE_OK;
}

static const void *interface(const char *identifier) {
  static const reeve_check check = {.struct_size = sizeof check, .flags = 0, .evaluate = evaluate};
  return strcmp(identifier, REEVE_INTERFACE_CHECK) == 0 ? &check : NULL;
}

const reeve_plugin *reeve_plugin_entry_v1(const reeve_hello *hello) {
  static const reeve_string checks[] = {{"example.snapshot.public-c", 25}};
  static const reeve_plugin plugin = {
      .struct_size = sizeof plugin,
      .magic = REEVE_PLUGIN_MAGIC,
      .abi_major = REEVE_ABI_MAJOR,
      .abi_minor = REEVE_ABI_MINOR,
      .id = {"example.public-snapshot-c", 25},
      .version = {"1.0.0", 5},
      .kit = {"C", 1},
      .toolchain = {__VERSION__, sizeof __VERSION__ - 1},
      .checks = {checks, 1, sizeof checks[0]},
      .create = create,
      .destroy = destroy,
      .interface = interface,
  };
  return hello->abi_major == REEVE_ABI_MAJOR ? &plugin : NULL;
}
