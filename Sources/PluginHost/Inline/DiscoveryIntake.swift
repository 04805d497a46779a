import CReevePlugin
import Governance
import Orchestrator

/// Takes what a discovery run emits in one call: resources of its scope, and requests.
final class DiscoveryIntake: Intake {
  private let manifest: PluginManifest
  private let scope: Scope
  /// Requests that have no last answer yet.
  private let outstanding: Set<UInt32>
  private var requestIDs: Set<UInt32> = []
  private var staged: [(resource: Resource, attributes: Int?)] = []
  private var stagedRequests: [(request: DiscoveryRequest, parameters: Int?)] = []
  private var documents = DocumentIntake()
  private var budget = OutputBudget()

  init(manifest: PluginManifest, scope: Scope, outstanding: Set<UInt32>) {
    self.manifest = manifest
    self.scope = scope
    self.outstanding = outstanding
  }

  func take(_ kind: UInt32, _ items: reeve_span) throws(BadData) {
    switch kind {
    case REEVE_EMIT_RESOURCE:
      let items = unsafe try EmittedItems<reeve_resource>(items, "resource")
      unsafe try budget.spend(items: items.count)
      for index in unsafe 0..<items.count { unsafe try takeResource(try items.item(index), index) }
    case REEVE_EMIT_REQUEST:
      let items = unsafe try EmittedItems<reeve_request>(items, "request")
      unsafe try budget.spend(items: items.count)
      for index in unsafe 0..<items.count { unsafe try takeRequest(try items.item(index), index) }
    default: throw Self.notEmitted(kind, by: "discovery")
    }
  }

  private func takeResource(_ item: reeve_resource, _ index: Int) throws(BadData) {
    let resource = Resource(
      type: unsafe try budget.someText(item.type, "the type of resource \(index)"),
      id: unsafe try budget.someText(item.id, "the id of resource \(index)"),
      arn: unsafe try budget.someText(item.arn, "the ARN of resource \(index)"),
      account: unsafe try budget.text(item.account, "the account of resource \(index)"),
      region: unsafe try budget.text(item.region, "the region of resource \(index)"),
      tags: unsafe try tags(item.tags, index), notes: unsafe try notes(item.notes, index))
    guard manifest.resourceTypes.contains(resource.type) else {
      throw BadData("resource \(index) is of type \(resource.type), which its manifest does not name")
    }
    guard resource.scope == scope else {
      throw BadData("resource \(index), \(resource.id), is said to lie in \(resource.scope); the run looks at \(scope)")
    }
    guard ARN(resource.arn) != nil else {
      throw BadData("resource \(index), \(resource.id), has \"\(resource.arn)\" for an ARN")
    }
    let attributes = unsafe try documents.take(item.attributes, "the attributes of resource \(index)", &budget)
    if let attributes, documents.nodes[attributes].kind != REEVE_NODE_OBJECT {
      throw BadData("the attributes of resource \(index) are no object")
    }
    staged.append((resource, attributes))
  }

  private func tags(_ span: reeve_span, _ index: Int) throws(BadData) -> [Tag] {
    let items = unsafe try EmittedItems<reeve_tag>(span, "the tags of resource \(index)", sized: false)
    unsafe try budget.spend(items: items.count)
    var tags: [Tag] = []
    for position in unsafe 0..<items.count {
      let item = unsafe try items.item(position)
      tags.append(
        Tag(
          key: unsafe try budget.text(item.key, "a tag's key of resource \(index)"),
          value: unsafe try budget.text(item.value, "a tag's value of resource \(index)")))
    }
    return tags
  }

  private func notes(_ span: reeve_span, _ index: Int) throws(BadData) -> [AttributeNote] {
    let items = unsafe try EmittedItems<reeve_attribute_note>(span, "the notes of resource \(index): note")
    unsafe try budget.spend(items: items.count)
    var notes: [AttributeNote] = []
    for position in unsafe 0..<items.count {
      let item = unsafe try items.item(position)
      let status = unsafe item.status
      var note = AttributeNote(name: unsafe try budget.someText(item.name, "a note's name of resource \(index)"))
      if status != REEVE_OK {
        guard let kind = FailureReason.Kind(rawValue: status) else {
          throw BadData("a note of resource \(index) has the status \(status)")
        }
        note.unread = FailureReason(
          kind: kind, code: unsafe try budget.text(item.code, "a note's code of resource \(index)"),
          message: unsafe try budget.text(item.message, "a note's message of resource \(index)"))
      }
      let readAt = unsafe item.read_at
      if readAt != 0 { note.readAt = Timestamp(nanoseconds: readAt) }
      notes.append(note)
    }
    return notes
  }

  private func takeRequest(_ item: reeve_request, _ index: Int) throws(BadData) {
    let id = unsafe item.id
    guard !outstanding.contains(id), requestIDs.insert(id).inserted else {
      throw BadData("request \(index) has the number \(id) of another one that is outstanding")
    }
    let flags = unsafe item.flags
    guard flags & ~(REEVE_REQUEST_ALL_PAGES | REEVE_REQUEST_REUSABLE) == 0 else {
      throw BadData("request \(index) has flags that are not known here: \(flags)")
    }
    let call = APICall(
      service: unsafe try budget.someText(item.service, "the service of request \(index)"),
      operation: unsafe try budget.someText(item.operation, "the operation of request \(index)"),
      parameters: .emptyObject)
    let parameters = unsafe try documents.take(item.parameters, "the parameters of request \(index)", &budget)
    if let parameters, documents.nodes[parameters].kind != REEVE_NODE_OBJECT {
      throw BadData("the parameters of request \(index) are no object")
    }
    stagedRequests.append(
      (
        DiscoveryRequest(
          id: id, call: call, followsPages: flags & REEVE_REQUEST_ALL_PAGES != 0,
          isReusable: flags & REEVE_REQUEST_REUSABLE != 0), parameters
      ))
  }

  /// What was emitted, once the call has returned well.
  func finish() -> (requests: [DiscoveryRequest], resources: [Resource]) {
    let storage = Document.Storage(nodes: documents.nodes, heap: documents.heap)
    let resources = staged.map { staged in
      var resource = staged.resource
      if let root = staged.attributes { resource.attributes = Document(storage: storage, index: root) }
      return resource
    }
    let requests = stagedRequests.map { staged in
      var request = staged.request
      if let root = staged.parameters { request.call.parameters = Document(storage: storage, index: root) }
      return request
    }
    return (requests, resources)
  }
}
