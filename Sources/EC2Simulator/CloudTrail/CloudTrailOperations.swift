import AWSWire
import Governance

/// AWS CloudTrail: the record of calls as LookupEvents tells it.
enum CloudTrailOperations {
  /// [doc] "You can look up events that occurred in a Region within the last 90 days."
  static let memory = Duration.seconds(90 * 86_400)

  static let entries: [OperationEntry] = [
    OperationEntry(
      "cloudtrail", "LookupEvents",
      notes: [
        "Events are there at once; AWS takes up to 15 minutes.",
        "The last 32,768 changes and 16,384 reads of the whole world are remembered.",
        "requestParameters of EC2: lists are items; of images, snapshots and tags the members are AWS's, of others the "
          + "names of the API.",
        "Insights are none: EventCategory insight answers with no event.",
        "ResourceType and ResourceName are told of what a call names or makes by id or ARN.",
      ]
    ) { call, state throws(ServiceError) in try EventLookup(call).document(state) }
  ]
}

/// One LookupEvents call.
struct EventLookup {
  private let call: Call
  private let attribute: (key: String, value: String)?
  private let start: Timestamp
  private let end: Timestamp
  private let limit: Int
  /// Only what is older than this event's number.
  private let before: Int?

  private static let keys = [
    "EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId",
  ]

  init(_ call: Call) throws(ServiceError) {
    self.call = call
    let attributes = call.list("LookupAttributes")
    guard attributes.count <= 1 else {
      throw .organizations("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
    }
    attribute = attributes.first.map { ($0["AttributeKey"]?.string ?? "", $0["AttributeValue"]?.string ?? "") }
    if let attribute {
      guard Self.keys.contains(attribute.key), !attribute.value.isEmpty else {
        throw .organizations("InvalidLookupAttributesException", "The lookup attribute \(attribute.key) is not valid.")
      }
    }
    limit = call.integer("MaxResults") ?? 50
    guard (1...50).contains(limit) else {
      throw .organizations("InvalidMaxResultsException", "MaxResults must be between 1 and 50.")
    }
    let earliest = call.now - CloudTrailOperations.memory
    start = max(Timestamp(iso8601: call.text("StartTime") ?? "") ?? earliest, earliest)
    end = Timestamp(iso8601: call.text("EndTime") ?? "") ?? call.now
    if let from = call.text("StartTime").flatMap({ Timestamp(iso8601: $0) }), from > end {
      throw .organizations("InvalidTimeRangeException", "The start time is after the end time.")
    }
    if let token = call.text("NextToken"), !token.isEmpty {
      guard let number = Page.id(inToken: token).flatMap({ Int($0) }) else {
        throw .organizations("InvalidNextTokenException", "The next token is not valid.")
      }
      before = number
    } else {
      before = nil
    }
  }

  func document(_ state: SimulatorState) throws(ServiceError) -> Document {
    guard call.text("EventCategory") == nil else { return ["Events": []] }
    let printer = EventPrinter(world: state.world, recipient: call.caller.account)
    let found = state.log.newest(limit + 1) { isWanted($0, printer) }
    let next = found.count > limit ? found[limit - 1].id.number : nil
    return Document(entries: [
      ("Events", Document(found.prefix(limit).map(printer.document))),
      ("NextToken", next.map { Document(Page.token(after: String($0))) }),
    ])
  }

  private func isWanted(_ event: CallEvent, _ printer: EventPrinter) -> Bool {
    if let before, event.id.number >= before { return false }
    // Whole seconds, as the events tell them.
    let time = Timestamp(seconds: event.time.seconds)
    guard time >= start, time <= end, printer.isSeen(event), printer.region(of: event) == call.region else {
      return false
    }
    guard let attribute else { return true }
    let value = attribute.value
    return switch attribute.key {
    case "EventId": event.id.eventID == value
    case "EventName": event.operation == value
    case "ReadOnly": (event.isMutating ? "false" : "true") == value.lowercased()
    case "Username": printer.userName(of: event) == value
    case "EventSource": printer.source(of: event) == value
    case "AccessKeyId": event.accessKeyID == value
    case "ResourceType": EventResources.of(event).contains { $0.type == value }
    default: EventResources.of(event).contains { $0.name == value }
    }
  }
}
