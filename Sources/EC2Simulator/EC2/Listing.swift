import AWSWire
import Governance

/// A listing of what an account has few of in a region: by ids that are asked for or all of it, filtered, by pages.
struct Listing {
  /// How ids are asked for: the request's member, EC2's name for it in refusals, and the error for those that are not
  /// there.
  struct IDs: Sendable {
    var parameter: String
    var name: String
    var notFound: @Sendable ([String]) -> ServiceError
  }

  var call: Call
  /// nil: this listing takes none.
  var ids: IDs?
  var filterNames: Set<String>
  var takesTagFilters = true
  var limits: ClosedRange<Int> = 5...1_000

  /// What is listed on this page, by id, and the token of the next page. An id that is asked for and not there is an
  /// error.
  func cut<Element>(
    _ elements: [String: Element], tags: (Element) -> [Tag] = { _ in [] }, matches: (Filter, Element) -> Bool
  ) throws(ServiceError) -> (elements: [Element], next: Document?) {
    let filters = try filters()
    let page = try Page.ec2(call, idsParameter: ids?.parameter ?? "-", idsName: ids?.name ?? "-", in: limits)
    let wanted = ids.map { call.texts($0.parameter) } ?? []
    let missing = wanted.filter { elements[$0] == nil }
    if let ids, !missing.isEmpty { throw ids.notFound(missing) }
    let (listed, next) = page.cut(wanted.isEmpty ? elements.keys.sorted() : Set(wanted).sorted()) { id in
      guard let element = elements[id] else { return false }
      return filters.allSatisfy { $0.matches(tags: tags(element)) ?? matches($0, element) }
    }
    return (listed.compactMap { elements[$0] }, next.map { Document($0) })
  }

  /// The call's filters, each one that this listing has.
  func filters() throws(ServiceError) -> [Filter] {
    let filters = try call.filters()
    for filter in filters where !filterNames.contains(filter.name) {
      let isTag = takesTagFilters && (filter.name.hasPrefix("tag:") || filter.name == "tag-key")
      guard isTag else { throw filter.invalid }
    }
    return filters
  }
}
