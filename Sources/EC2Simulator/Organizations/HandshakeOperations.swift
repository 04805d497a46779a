import AWSWire
import Determinism
import Governance

/// An invitation of an account into an organization. No part of a world.
struct Handshake: Sendable {
  var id: String
  var organization: String
  var account: String
  /// As the caller named the account.
  var target: (id: String, type: String)
  var notes: String?
  /// What the account gets when it joins.
  var tags: [Tag]
  var requested: Timestamp
  /// OPEN, ACCEPTED, CANCELED, DECLINED
  var state = "OPEN"

  /// [doc] "Invitations expire after 15 days."
  var expires: Timestamp { requested + .seconds(15 * 86_400) }
  func state(at now: Timestamp) -> String { state == "OPEN" && expires <= now ? "EXPIRED" : state }
}

/// Inviting accounts, and their answers.
enum HandshakeOperations {
  static let entries: [OperationEntry] = [
    OrganizationPolicyOperations.write("InviteAccountToOrganization", orPolicy: false) {
      context, state throws(ServiceError) in try invite(context, &state)
    },
    OperationEntry("organizations", "AcceptHandshake", isMutating: true) { call, state throws(ServiceError) in
      let position = try open(call, state, isForInvited: true)
      guard var account = state.world.account(call.caller.account), account.organization == nil else {
        throw .organizations(
          "AlreadyInOrganizationException", "The provided account is already a member of an organization.")
      }
      guard let organization = state.world.organization(state.handshakes[position].organization) else { throw notFound }
      account.organization = organization.id
      account.parent = organization.root
      account.joined = call.now
      account.joinedMethod = "INVITED"
      account.tags = TagOperations.merged(account.tags, with: state.handshakes[position].tags)
      state.world.put(account)
      return finish(position, "ACCEPTED", call, &state)
    },
    OperationEntry("organizations", "DeclineHandshake", isMutating: true) { call, state throws(ServiceError) in
      finish(try open(call, state, isForInvited: true), "DECLINED", call, &state)
    },
    OrganizationPolicyOperations.write("CancelHandshake", orPolicy: false) { context, state throws(ServiceError) in
      finish(try open(context.call, state, isForInvited: false), "CANCELED", context.call, &state)
    },
    OperationEntry("organizations", "DescribeHandshake") { call, state throws(ServiceError) in
      let id = try call.required("HandshakeId")
      guard let handshake = state.handshakes.first(where: { $0.id == id && isParty(call, to: $0, state) }) else {
        throw notFound
      }
      return ["Handshake": document(handshake, call, state)]
    },
    OperationEntry("organizations", "ListHandshakesForAccount") { call, state throws(ServiceError) in
      try list(state.handshakes.filter { $0.account == call.caller.account }, call, state)
    },
    OperationEntry("organizations", "ListHandshakesForOrganization") { call, state throws(ServiceError) in
      let context = try OrganizationContext(call, state.world)
      try context.requireReader()
      return try list(state.handshakes.filter { $0.organization == context.organization.id }, call, state)
    },
  ]

  private static let notFound = ServiceError.organizations(
    "HandshakeNotFoundException", "We can't find a handshake with the HandshakeId that you specified.")

  private static func isParty(_ call: Call, to handshake: Handshake, _ state: SimulatorState) -> Bool {
    let account = call.caller.account
    return handshake.account == account
      || state.world.organization(handshake.organization)?.managementAccount == account
  }

  private static func invite(_ context: OrganizationContext, _ state: inout SimulatorState) throws(ServiceError)
    -> Document
  {
    let call = context.call
    let target = call.parameters["Target"]
    let (id, type) = (target?["Id"]?.string ?? "", target?["Type"]?.string ?? "")
    guard ["ACCOUNT", "EMAIL"].contains(type) else {
      throw .invalidInput("You specified an invalid value.", reason: "INVALID_PARTY_TYPE_TARGET")
    }
    let found = type == "ACCOUNT" ? state.world.account(id) : state.world.accounts.values.first { $0.email == id }
    guard let account = found else {
      throw .invalidInput("You specified an invalid value.", reason: "INVALID_PARTY")
    }
    func refuse(_ reason: String, _ message: String) -> ServiceError {
      var error = ServiceError.organizations("HandshakeConstraintViolationException", message)
      error.reason = reason
      return error
    }
    guard account.organization == nil else {
      throw refuse("ALREADY_IN_AN_ORGANIZATION", "The account is already a member of an organization.")
    }
    let isOpen = state.handshakes.contains {
      $0.account == account.id && $0.organization == context.organization.id && $0.state(at: call.now) == "OPEN"
    }
    guard !isOpen else {
      throw .organizations(
        "DuplicateHandshakeException", "A handshake with the same action and target already exists.")
    }
    var generator = state.generator(for: "handshake")
    state.handshakes.append(
      Handshake(
        id: "h-" + generator.hexadecimal(digits: 32), organization: context.organization.id, account: account.id,
        target: (id, type), notes: call.text("Notes"), tags: try OrganizationTagOperations.given(call),
        requested: call.now))
    return ["Handshake": document(state.handshakes[state.handshakes.count - 1], call, state)]
  }

  /// The position of an open handshake that is the caller's to answer or to take back.
  private static func open(_ call: Call, _ state: SimulatorState, isForInvited: Bool) throws(ServiceError) -> Int {
    let id = try call.required("HandshakeId")
    guard let position = state.handshakes.firstIndex(where: { $0.id == id && isParty(call, to: $0, state) }) else {
      throw notFound
    }
    let handshake = state.handshakes[position]
    guard (handshake.account == call.caller.account) == isForInvited else { throw .organizationsDenied }
    guard handshake.state(at: call.now) == "OPEN" else {
      throw .organizations(
        "InvalidHandshakeTransitionException",
        "You can't perform the operation on the handshake in its current state.")
    }
    return position
  }

  private static func finish(_ position: Int, _ outcome: String, _ call: Call, _ state: inout SimulatorState)
    -> Document
  {
    state.handshakes[position].state = outcome
    return ["Handshake": document(state.handshakes[position], call, state)]
  }

  private static func list(_ handshakes: [Handshake], _ call: Call, _ state: SimulatorState) throws(ServiceError)
    -> Document
  {
    // [model] "ActionType" and "ParentHandshakeId": of one parent no handshake here is.
    let filter = call.parameters["Filter"]
    if filter?["ParentHandshakeId"] != nil, filter?["ActionType"] != nil {
      throw .invalidInput("You specified an invalid value.", reason: "INVALID_ENUM")
    }
    let isListed = filter?["ParentHandshakeId"] == nil && ["INVITE", nil].contains(filter?["ActionType"]?.string)
    let page = try Page.organizations(call).cut(isListed ? handshakes.map(\.id).sorted() : [])
    return Document(entries: [
      (
        "Handshakes",
        Document(page.ids.compactMap { id in handshakes.first { $0.id == id }.map { document($0, call, state) } })
      ), ("NextToken", page.next.map { Document($0) }),
    ])
  }

  private static func document(_ handshake: Handshake, _ call: Call, _ state: SimulatorState) -> Document {
    let management = state.world.organization(handshake.organization)?.managementAccount ?? ""
    let account = state.world.account(management)
    var resources: [Document] = [
      [
        "Type": "ORGANIZATION", "Value": Document(handshake.organization),
        "Resources": [
          ["Type": "MASTER_EMAIL", "Value": Document(account?.email ?? "")],
          ["Type": "MASTER_NAME", "Value": Document(account?.name ?? "")],
          ["Type": "ORGANIZATION_FEATURE_SET", "Value": "ALL"],
        ],
      ], ["Type": Document(handshake.target.type), "Value": Document(handshake.target.id)],
    ]
    if let notes = handshake.notes { resources.append(["Type": "NOTES", "Value": Document(notes)]) }
    let partition = state.world.partition.rawValue
    return [
      "Id": Document(handshake.id),
      "Arn": Document(
        "arn:\(partition):organizations::\(management):handshake/\(handshake.organization)/invite/\(handshake.id)"),
      "Parties": [
        ["Id": Document(String(handshake.organization.dropFirst(2))), "Type": "ORGANIZATION"],
        ["Id": Document(handshake.target.id), "Type": Document(handshake.target.type)],
      ],
      "State": Document(handshake.state(at: call.now)), "RequestedTimestamp": Document(handshake.requested.iso8601),
      "ExpirationTimestamp": Document(handshake.expires.iso8601), "Action": "INVITE",
      "Resources": Document(resources),
    ]
  }
}
