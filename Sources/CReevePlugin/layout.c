// The layout of version 1.0, pinned: a struct of the contract may grow at its end and change nowhere else.
#include "reeve_plugin.h"

#define AT(type, field, offset) \
  _Static_assert(offsetof(type, field) == (offset), #type "." #field " moved: the contract's layout may not change")
#define SIZE(type, size) \
  _Static_assert(sizeof(type) == (size), #type " changed its size: version 1.0 readers depend on it")

SIZE(reeve_string, 16); AT(reeve_string, length, 8);
SIZE(reeve_span, 16); AT(reeve_span, count, 8); AT(reeve_span, stride, 12);
SIZE(reeve_node, 16); AT(reeve_node, span, 4); AT(reeve_node, value, 8);
SIZE(reeve_document, 32); AT(reeve_document, heap, 8); AT(reeve_document, heap_length, 16);
AT(reeve_document, node_count, 24);
SIZE(reeve_tag, 32);
SIZE(reeve_attribute_note, 64); AT(reeve_attribute_note, name, 8); AT(reeve_attribute_note, read_at, 56);
SIZE(reeve_resource, 152); AT(reeve_resource, type, 8); AT(reeve_resource, arn, 40); AT(reeve_resource, tags, 88);
AT(reeve_resource, attributes, 104); AT(reeve_resource, notes, 136);
SIZE(reeve_verdict, 80); AT(reeve_verdict, result, 12); AT(reeve_verdict, message, 16); AT(reeve_verdict, evidence, 48);
SIZE(reeve_tag_operation, 80); AT(reeve_tag_operation, key, 16); AT(reeve_tag_operation, reason, 64);
SIZE(reeve_action, 272); AT(reeve_action, check, 16); AT(reeve_action, parameters, 80); AT(reeve_action, after, 240);
SIZE(reeve_request, 80); AT(reeve_request, service, 16); AT(reeve_request, parameters, 48);
SIZE(reeve_response, 88); AT(reeve_response, body, 16); AT(reeve_response, error_code, 48);
AT(reeve_response, read_at, 80);
SIZE(reeve_call, 64); AT(reeve_call, host, 8); AT(reeve_call, now, 16); AT(reeve_call, cancelled, 24);
AT(reeve_call, emit, 32); AT(reeve_call, fail, 40); AT(reeve_call, log, 48); AT(reeve_call, service, 56);
SIZE(reeve_account, 72); SIZE(reeve_organizational_unit, 72);
SIZE(reeve_organization, 136); AT(reeve_organization, accounts, 72); AT(reeve_organization, membership_reason, 120);
SIZE(reeve_create_arguments, 48); AT(reeve_create_arguments, configuration, 8);
SIZE(reeve_scope, 72); AT(reeve_scope, wanted, 56);
SIZE(reeve_discovery, 32); SIZE(reeve_check, 16); SIZE(reeve_tagger, 16); SIZE(reeve_remediator, 16);
SIZE(reeve_finding, 72);
SIZE(reeve_plugin, 120); AT(reeve_plugin, id, 16); AT(reeve_plugin, checks, 80); AT(reeve_plugin, create, 96);
AT(reeve_plugin, destroy, 104); AT(reeve_plugin, interface, 112);
SIZE(reeve_hello, 40);
