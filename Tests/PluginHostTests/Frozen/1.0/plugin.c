/* A plugin of every kind, as it was written against the first published header, which lies beside it and never changes.
 * Every later reeve must load it and get the same from it. Do not edit. */
#include "reeve_plugin.h"

#include <stdio.h>
#include <stdlib.h>

struct reeve_instance {
  int64_t threshold;
  uint32_t accounts;
};

struct reeve_run {
  char account[16], region[32];
};

static reeve_status create(reeve_call *call, const reeve_create_arguments *arguments, reeve_instance **instance) {
  const reeve_document *configuration = &arguments->configuration;
  uint32_t node = reeve_member(configuration, 0, "threshold");
  if (arguments->struct_size < sizeof *arguments || call->struct_size < sizeof *call) return REEVE_ERROR_BAD_DATA;
  *instance = calloc(1, sizeof **instance);
  if (!*instance) return REEVE_ERROR_INTERNAL;
  (*instance)->threshold = node == REEVE_NO_NODE ? 8 : (int64_t)configuration->nodes[node].value;
  (*instance)->accounts = arguments->organization->accounts.count;
  return REEVE_OK;
}

static void destroy(reeve_instance *instance) { free(instance); }

static reeve_status evaluate(reeve_instance *instance, reeve_call *call, reeve_span resources, reeve_span checks) {
  for (uint32_t i = 0; i < resources.count; i++) {
    if (call->cancelled(call)) return REEVE_ERROR_CANCELLED;
    const reeve_resource *resource = reeve_resource_at(resources, i);
    for (uint32_t c = 0; c < checks.count; c++) {
      reeve_verdict verdict = {.struct_size = sizeof verdict, .resource = i};
      verdict.check = *(const uint32_t *)reeve_span_at(checks, c);
      const reeve_attribute_note *unread = reeve_unread(resource, "VolumeSize");
      uint32_t size = reeve_member(&resource->attributes, 0, "VolumeSize");
      char message[128];
      if (unread) {
        verdict.result = REEVE_VERDICT_NOT_EVALUATED;
        verdict.reason_code = unread->code;
        verdict.message = unread->message;
      } else if (size == REEVE_NO_NODE) {
        verdict.result = REEVE_VERDICT_NOT_APPLICABLE;
      } else if ((int64_t)resource->attributes.nodes[size].value > instance->threshold) {
        snprintf(message, sizeof message, "%.*s is larger than %lld GiB, %u accounts, %u tags", (int)resource->id.length,
                 resource->id.bytes, (long long)instance->threshold, instance->accounts, resource->tags.count);
        verdict.result = REEVE_VERDICT_FAIL;
        verdict.message = reeve_string_of(message);
        verdict.evidence = resource->attributes;
      }
      reeve_status status = call->emit(call, REEVE_EMIT_VERDICT, (reeve_span){&verdict, 1, sizeof verdict});
      if (status != REEVE_OK) return status;
    }
  }
  return REEVE_OK;
}

static reeve_status propose(reeve_instance *instance, reeve_call *call, reeve_span resources) {
  (void)instance;
  for (uint32_t i = 0; i < resources.count; i++) {
    reeve_tag_operation operation = {.struct_size = sizeof operation, .resource = i, .operation = REEVE_TAG_SET,
                                     .key = REEVE_STRING("Size"), .value = REEVE_STRING("large"),
                                     .reason = REEVE_STRING("frozen")};
    reeve_status status = call->emit(call, REEVE_EMIT_TAG_OPERATION, (reeve_span){&operation, 1, sizeof operation});
    if (status != REEVE_OK) return status;
  }
  return REEVE_OK;
}

static reeve_status plan(reeve_instance *instance, reeve_call *call, reeve_span resources, reeve_span findings) {
  (void)instance;
  (void)resources;
  static const char heap[] = "serviceec2operationDescribeSnapshotsparametersexpectpathSnapshotsabsent";
#define TEXT(at, length) {REEVE_NODE_STRING, 1, (UINT64_C(at) << 32) | (length)}
  static const reeve_node observation[] = {
      {REEVE_NODE_OBJECT, 14, 4}, TEXT(0, 7), TEXT(7, 3), TEXT(10, 9), TEXT(19, 17), TEXT(36, 10),
      {REEVE_NODE_OBJECT, 1, 0}, TEXT(46, 6), {REEVE_NODE_ARRAY, 6, 1}, {REEVE_NODE_OBJECT, 5, 2}, TEXT(52, 4),
      TEXT(56, 9), TEXT(65, 6), {REEVE_NODE_BOOLEAN, 1, 1}};
  static const reeve_node nothing[] = {{REEVE_NODE_OBJECT, 1, 0}};
  reeve_document observe = {observation, heap, sizeof heap - 1, 14, 0}, empty = {nothing, NULL, 0, 1, 0};
  for (uint32_t i = 0; i < findings.count; i++) {
    const reeve_finding *finding = (const reeve_finding *)reeve_span_at(findings, i);
    reeve_action action = {.struct_size = sizeof action, .resource = finding->resource, .risk = REEVE_RISK_LOW,
                           .check = finding->check, .service = REEVE_STRING("ec2"),
                           .operation = REEVE_STRING("ModifySnapshotAttribute"), .summary = finding->message,
                           .parameters = empty, .precondition = observe, .verification = observe, .before = empty,
                           .after = empty};
    reeve_status status = call->emit(call, REEVE_EMIT_ACTION, (reeve_span){&action, 1, sizeof action});
    if (status != REEVE_OK) return status;
  }
  return REEVE_OK;
}

static int32_t begin(reeve_instance *instance, reeve_call *call, const reeve_scope *scope, reeve_run **made) {
  (void)instance;
  static const reeve_node nodes[] = {{REEVE_NODE_OBJECT, 1, 0}};
  reeve_request request = {.struct_size = sizeof request, .id = 5, .flags = REEVE_REQUEST_ALL_PAGES,
                           .service = REEVE_STRING("ec2"), .operation = REEVE_STRING("DescribeSnapshots"),
                           .parameters = {nodes, NULL, 0, 1, 0}};
  *made = calloc(1, sizeof **made);
  snprintf((*made)->account, sizeof (*made)->account, "%.*s", (int)scope->account.length, scope->account.bytes);
  snprintf((*made)->region, sizeof (*made)->region, "%.*s", (int)scope->region.length, scope->region.bytes);
  return call->emit(call, REEVE_EMIT_REQUEST, (reeve_span){&request, 1, sizeof request}) == REEVE_OK ? REEVE_RUN_MORE
                                                                                                     : REEVE_RUN_FAILED;
}

static int32_t resume(reeve_run *run, reeve_call *call, reeve_span responses) {
  const reeve_response *response = (const reeve_response *)reeve_span_at(responses, 0);
  if (response->status != REEVE_OK) {
    call->fail(call, response->status, REEVE_NO_RESOURCE, response->error_message);
    return REEVE_RUN_FAILED;
  }
  uint32_t list = reeve_member(&response->body, 0, "Snapshots");
  uint64_t count = list == REEVE_NO_NODE ? 0 : response->body.nodes[list].value;
  for (uint64_t i = 0; i < count; i++) {
    uint32_t node = reeve_element(&response->body, list, i);
    reeve_document attributes = response->body;
    attributes.nodes += node;
    attributes.node_count = response->body.nodes[node].span;
    reeve_string id = reeve_node_text(&attributes, reeve_member(&attributes, 0, "SnapshotId"));
    char arn[128];
    snprintf(arn, sizeof arn, "arn:aws:ec2:%s::snapshot/%.*s", run->region, (int)id.length, id.bytes);
    reeve_resource resource = {.struct_size = sizeof resource, .type = REEVE_STRING("ec2:snapshot"), .id = id,
                               .arn = reeve_string_of(arn), .account = reeve_string_of(run->account),
                               .region = reeve_string_of(run->region), .attributes = attributes};
    if (call->emit(call, REEVE_EMIT_RESOURCE, (reeve_span){&resource, 1, sizeof resource}) != REEVE_OK)
      return REEVE_RUN_FAILED;
  }
  return response->last_page ? REEVE_RUN_DONE : REEVE_RUN_MORE;
}

static void end(reeve_run *run) { free(run); }

static const void *interface(const char *identifier) {
  static const reeve_check check = {sizeof check, 0, evaluate};
  static const reeve_tagger tagger = {sizeof tagger, 0, propose};
  static const reeve_remediator remediator = {sizeof remediator, 0, plan};
  static const reeve_discovery discovery = {sizeof discovery, 0, begin, resume, end};
  if (strcmp(identifier, REEVE_INTERFACE_CHECK) == 0) return &check;
  if (strcmp(identifier, REEVE_INTERFACE_TAGGER) == 0) return &tagger;
  if (strcmp(identifier, REEVE_INTERFACE_REMEDIATOR) == 0) return &remediator;
  if (strcmp(identifier, REEVE_INTERFACE_DISCOVERY) == 0) return &discovery;
  return NULL;
}

REEVE_EXPORT const reeve_plugin *reeve_plugin_entry_v1(const reeve_hello *hello) {
  static const reeve_string checks[] = {{"frozen.large", 12}};
  static const reeve_plugin plugin = {sizeof plugin, REEVE_PLUGIN_MAGIC, 1, 0, 0, 0, {"org.example.frozen", 18},
                                      {"1.0.0", 5}, {"C", 1}, {"cc", 2}, {checks, 1, sizeof checks[0]}, create, destroy,
                                      interface};
  return hello->struct_size >= sizeof *hello && hello->abi_major == 1 ? &plugin : NULL;
}
