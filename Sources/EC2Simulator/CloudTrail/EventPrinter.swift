import AWSWire
import Governance

/// Calls as CloudTrail's events: "CloudTrail record contents" and "CloudTrail userIdentity element".
struct EventPrinter {
  var world: World
  /// The account that reads.
  var recipient: String

  /// An account sees its own callers' calls, and who assumed its roles.
  func isSeen(_ event: CallEvent) -> Bool {
    guard event.account != recipient else { return true }
    guard event.service == "sts", event.error == nil, event.operation.hasPrefix("AssumeRole") else { return false }
    return event.parameters["RoleArn"]?.string.flatMap { ARN($0) }?.account == recipient
  }

  /// Global services tell of theirs in one region.
  func region(of event: CallEvent) -> String {
    Endpoint.isGlobal(service: event.service) ? world.partition.homeRegion : event.region
  }

  func source(of event: CallEvent) -> String { "\(event.service).amazonaws.com" }

  func userName(of event: CallEvent) -> String? {
    guard let caller = event.caller else { return event.parameters["RoleSessionName"]?.string }
    switch caller.kind {
    case .root: return "root"
    case .user, .roleSession: return caller.arn.split(separator: "/").last.map(String.init)
    default: return event.parameters["RoleSessionName"]?.string
    }
  }

  /// As LookupEvents lists it.
  func document(_ event: CallEvent) -> Document {
    let resources = EventResources.of(event).map { resource -> Document in
      ["ResourceType": Document(resource.type), "ResourceName": Document(resource.name)]
    }
    return Document(entries: [
      ("EventId", Document(event.id.eventID)), ("EventName", Document(event.operation)),
      ("ReadOnly", Document(event.isMutating ? "false" : "true")),
      ("AccessKeyId", event.accessKeyID.isEmpty ? nil : Document(event.accessKeyID)),
      ("EventTime", Document(Timestamp(seconds: event.time.seconds).iso8601)),
      ("EventSource", Document(source(of: event))),
      ("Username", userName(of: event).map { Document($0) }), ("Resources", Document(resources)),
      ("CloudTrailEvent", Document(record(event).json)),
    ])
  }

  private func record(_ event: CallEvent) -> Document {
    let service = event.invokedBy
    return Document(entries: [
      ("eventVersion", "1.11"), ("userIdentity", identity(event)),
      ("eventTime", Document(Timestamp(seconds: event.time.seconds).iso8601)),
      ("eventSource", Document(source(of: event))),
      ("eventName", Document(event.operation)), ("awsRegion", Document(region(of: event))),
      ("sourceIPAddress", Document(service ?? event.sourceAddress)),
      ("userAgent", Document(service ?? event.userAgent)),
      ("errorCode", event.error.map { Document(errorCode($0, event)) }),
      ("errorMessage", event.error.map { Document($0.message) }),
      ("requestParameters", EventParameters.request(event) ?? .null),
      ("responseElements", EventParameters.response(event) ?? .null), ("requestID", Document(event.id.text)),
      ("eventID", Document(event.id.eventID)), ("readOnly", Document(!event.isMutating)), ("eventType", "AwsApiCall"),
      ("managementEvent", true), ("recipientAccountId", Document(recipient)), ("eventCategory", "Management"),
    ])
  }

  /// EC2's errors say whose they are.
  private func errorCode(_ error: ServiceError, _ event: CallEvent) -> String {
    event.service == "ec2" ? (error.status >= 500 ? "Server." : "Client.") + error.code : error.code
  }

  private func identity(_ event: CallEvent) -> Document {
    guard let caller = event.caller, caller.kind != .anonymous else { return webIdentity(event) }
    var entries: [(name: String, value: Document?)] = [
      ("type", Document(type(of: caller))), ("principalId", Document(caller.userID)), ("arn", Document(caller.arn)),
      ("accountId", Document(caller.account)),
      ("accessKeyId", event.accessKeyID.isEmpty ? nil : Document(event.accessKeyID)),
    ]
    if caller.kind == .user { entries.append(("userName", userName(of: event).map { Document($0) })) }
    // An actor of a scenario comes without credentials: its session begins with the call.
    if caller.issued != nil || caller.kind == .roleSession {
      entries.append(("sessionContext", context(caller, caller.issued ?? event.time)))
    }
    entries.append(("invokedBy", event.invokedBy.map { Document($0) }))
    return Document(entries: entries)
  }

  private func type(of caller: CallEvent.Identity) -> String {
    switch caller.kind {
    case .root: "Root"
    case .user: "IAMUser"
    default: "AssumedRole"
    }
  }

  private func context(_ caller: CallEvent.Identity, _ issued: Timestamp) -> Document {
    var issuer: Document?
    if caller.kind == .roleSession {
      issuer = [
        "type": "Role", "principalId": Document(caller.userID.split(separator: ":").first.map(String.init) ?? ""),
        "arn": Document(caller.principalARN), "accountId": Document(caller.account),
        "userName": Document(caller.principalARN.split(separator: "/").last.map(String.init) ?? ""),
      ]
    }
    return Document(entries: [
      ("sessionIssuer", issuer),
      (
        "webIdFederationData",
        caller.provider.map { ["federatedProvider": Document($0), "attributes": .emptyObject] }
      ),
      ("attributes", ["creationDate": Document(issued.iso8601), "mfaAuthenticated": "false"]),
      ("sourceIdentity", caller.sourceIdentity.map { Document($0) }),
    ])
  }

  private func webIdentity(_ event: CallEvent) -> Document {
    // The bearer is told by the answer; a refusal tells nobody.
    guard let subject = event.answer?["SubjectFromWebIdentityToken"]?.string,
      let provider = event.answer?["Provider"]?.string, let audience = event.answer?["Audience"]?.string
    else { return ["type": "Unknown"] }
    return [
      "type": "WebIdentityUser", "principalId": Document("\(provider):\(audience):\(subject)"),
      "userName": Document(subject), "identityProvider": Document(provider),
    ]
  }
}
