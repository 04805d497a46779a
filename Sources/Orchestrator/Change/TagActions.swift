import Governance

/// Turns a tagger's operations into actions with precondition, undo and verification.
enum TagActions {
  static func actions(for operation: TagOperation, on resource: Resource, plugin: String, check: String)
    throws(PluginFailure)
    -> [Action]
  {
    let change = Change(resource: resource, plugin: plugin, check: check, reason: operation.reason)
    let old = resource.tag(operation.key)
    guard !operation.key.hasPrefix("aws:") else {
      throw PluginFailure(
        plugin: plugin, code: "PluginBadData",
        message: "proposed to change the tag \(operation.key) of \(resource.arn): keys with aws: belong to AWS")
    }
    switch operation.kind {
    case .set(let value):
      return old == value ? [] : [change.set(operation.key, from: old, to: value)]
    case .remove:
      return old.map { [change.remove(operation.key, value: $0)] } ?? []
    case .rename(let newKey):
      guard let old, resource.tag(newKey) == nil else { return [] }
      return [change.set(newKey, from: nil, to: old), change.remove(operation.key, value: old)]
    }
  }

  private struct Change {
    var resource: Resource
    var plugin: String
    var check: String
    var reason: String

    func set(_ key: String, from old: String?, to value: String) -> Action {
      action(
        summary: old.map { "set tag \(key) from \"\($0)\" to \"\(value)\"" } ?? "set tag \(key) to \"\(value)\"",
        call: create(key, value), undo: old.map { create(key, $0) } ?? delete(key, value),
        before: old.map { has(key, $0) } ?? lacks(key), after: has(key, value), tags: (old, value), key: key)
    }

    func remove(_ key: String, value: String) -> Action {
      action(
        summary: "remove tag \(key) (\"\(value)\")", call: delete(key, value), undo: create(key, value),
        before: has(key, value), after: lacks(key), tags: (value, nil), key: key)
    }

    private func create(_ key: String, _ value: String) -> APICall { call("CreateTags", key, value) }
    /// With the value named, AWS removes the tag only while it still has it.
    private func delete(_ key: String, _ value: String) -> APICall { call("DeleteTags", key, value) }

    private func call(_ operation: String, _ key: String, _ value: String) -> APICall {
      APICall(
        service: "ec2", operation: operation,
        parameters: [
          "Resources": [Document(resource.id)], "Tags": [["Key": Document(key), "Value": Document(value)]],
        ])
    }

    private func has(_ key: String, _ value: String) -> Observation.Expectation {
      .init(path: "Tags", comparison: .contains, value: ["Key": Document(key), "Value": Document(value)])
    }
    private func lacks(_ key: String) -> Observation.Expectation {
      .init(path: "Tags", comparison: .lacks, value: ["Key": Document(key)])
    }

    private func action(
      summary: String, call: APICall, undo: APICall, before: Observation.Expectation,
      after: Observation.Expectation, tags: (old: String?, new: String?), key: String
    ) -> Action {
      let read = APICall(
        service: "ec2", operation: "DescribeTags",
        parameters: [
          "Filters": [
            ["Name": "resource-id", "Values": [Document(resource.id)]], ["Name": "key", "Values": [Document(key)]],
          ]
        ])
      func tag(_ value: String?) -> Document {
        ["Tags": [Document(entries: [(key, value.map { Document($0) } ?? .null)])]]
      }
      return Action(
        plugin: plugin, check: check, resource: resource.key, arn: resource.arn,
        summary: reason.isEmpty ? summary : "\(summary): \(reason)", risk: .low, call: call,
        precondition: Observation(call: read, expectations: [before]), undo: undo,
        verification: Observation(call: read, expectations: [after]), before: tag(tags.old), after: tag(tags.new))
    }
  }
}
