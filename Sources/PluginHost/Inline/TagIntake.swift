import CReevePlugin
import Governance

/// Takes a tagger's operations: at most one for each tag of a resource, none on tags that belong to AWS.
final class TagIntake: Intake {
  private struct Place: Hashable {
    var resource: Int
    var key: String
  }

  /// AWS's limits for a tag's key and value, in characters (API reference, `Tag`).
  private static let keyLimit = 128
  private static let valueLimit = 256

  private let resourceCount: Int
  private var touched: Set<Place> = []
  private(set) var operations: [TagOperation] = []
  private var budget = OutputBudget()

  init(resourceCount: Int) { self.resourceCount = resourceCount }

  func take(_ kind: UInt32, _ items: reeve_span) throws(BadData) {
    guard kind == REEVE_EMIT_TAG_OPERATION else { throw Self.notEmitted(kind, by: "a tagger") }
    let items = unsafe try EmittedItems<reeve_tag_operation>(items, "tag operation")
    unsafe try budget.spend(items: items.count)
    for index in unsafe 0..<items.count {
      let item = unsafe try items.item(index)
      let resource = Int(unsafe item.resource)
      guard resource < resourceCount else {
        throw BadData("tag operation \(index) names resource \(resource) of a batch of \(resourceCount)")
      }
      do throws(BadData) {
        operations.append(unsafe try operation(item, index))
      } catch {
        throw BadData(error.message, resource: resource)
      }
    }
  }

  private func operation(_ item: reeve_tag_operation, _ index: Int) throws(BadData) -> TagOperation {
    let resource = Int(unsafe item.resource)
    let key = unsafe try self.key(item.key, "the key of tag operation \(index)", resource)
    let reason = unsafe try budget.text(item.reason, "the reason of tag operation \(index)")
    switch unsafe item.operation {
    case REEVE_TAG_SET:
      let value = unsafe try budget.text(item.value, "the value of tag operation \(index)")
      guard value.unicodeScalars.count <= Self.valueLimit else {
        throw BadData("the value of tag operation \(index) has more than \(Self.valueLimit) characters")
      }
      return TagOperation(resource: resource, key: key, kind: .set(value: value), reason: reason)
    case REEVE_TAG_REMOVE: return TagOperation(resource: resource, key: key, kind: .remove, reason: reason)
    case REEVE_TAG_RENAME:
      let newKey = unsafe try self.key(item.new_key, "the new key of tag operation \(index)", resource)
      return TagOperation(resource: resource, key: key, kind: .rename(to: newKey), reason: reason)
    default: throw BadData("tag operation \(index) is of kind \(unsafe item.operation)")
    }
  }

  private func key(_ text: reeve_string, _ what: String, _ resource: Int) throws(BadData) -> String {
    let key = unsafe try budget.someText(text, what)
    guard key.unicodeScalars.count <= Self.keyLimit else {
      throw BadData("\(what) has more than \(Self.keyLimit) characters")
    }
    guard !key.lowercased().hasPrefix("aws:") else { throw BadData("\(what), \(key), belongs to AWS") }
    guard touched.insert(Place(resource: resource, key: key)).inserted else {
      throw BadData("\(what), \(key), is that of an earlier operation on the same resource")
    }
    return key
  }
}
