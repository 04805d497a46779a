import AWSWire
import Determinism
import Governance

/// CreateOrganization, and CreateAccount, which takes a moment.
enum AccountCreationOperations {
  /// How long AWS takes, about: it says "asynchronous" and no figure.
  static let delay = Duration.seconds(5)

  static let entries: [OperationEntry] = [
    OperationEntry("organizations", "CreateOrganization", isMutating: true) { call, state throws(ServiceError) in
      try createOrganization(call, &state)
    },
    OperationEntry(
      "organizations", "CreateAccount", isMutating: true,
      notes: ["The number of accounts is not limited."]
    ) { call, state throws(ServiceError) in
      try createAccount(call, &state)
    },
    OperationEntry("organizations", "ListCreateAccountStatus") { call, state throws(ServiceError) in
      let context = try OrganizationContext(call, state.world)
      try context.requireReader()
      let states = call.texts("States")
      let all = state.creations.filter { creation in
        creation.organization == context.organization.id
          && (states.isEmpty || states.contains(creation.document["State"]?.string ?? ""))
      }
      return try context.list("CreateAccountStatuses", all.map(\.id).sorted()) { id in
        all.first { $0.id == id }?.document
      }
    },
    OperationEntry("organizations", "DescribeCreateAccountStatus") { call, state throws(ServiceError) in
      let id = try call.required("CreateAccountRequestId")
      let context = try OrganizationContext(call, state.world)
      guard let creation = state.creations.first(where: { $0.id == id && $0.organization == context.organization.id })
      else {
        throw .organizations(
          "CreateAccountStatusNotFoundException",
          "We can't find a create account request with the CreateAccountRequestId that you specified.")
      }
      return ["CreateAccountStatus": creation.document]
    },
  ]

  private static func createOrganization(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    guard var account = state.world.account(call.caller.account), account.organization == nil else {
      throw .organizations(
        "AlreadyInOrganizationException", "The provided account is already a member of an organization.")
    }
    if let features = call.text("FeatureSet"), features != "ALL" {
      throw .organizations("InvalidInputException", "Only the feature set ALL is simulated.")
    }
    var generator = state.generator(for: "organization")
    let organization = WorldOrganization(
      id: "o-" + generator.hexadecimal(digits: 10), root: "r-" + generator.hexadecimal(digits: 4),
      managementAccount: account.id)
    account.organization = organization.id
    account.parent = organization.root
    account.joined = call.now
    account.joinedMethod = "INVITED"
    state.world.organizations.append(organization)
    state.world.put(account)
    return ["Organization": try OrganizationContext(call, state.world).organizationDocument]
  }

  private static func createAccount(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let context = try OrganizationContext(call, state.world)
    try context.requireManagement()
    let email = try call.required("Email")
    let name = try call.required("AccountName")
    guard (6...64).contains(email.count), email.contains("@"), (1...50).contains(name.count) else {
      throw .organizations("InvalidInputException", "You specified an invalid value: Email or AccountName.")
    }
    let isTaken =
      state.world.accounts.values.contains { $0.email == email } || state.creations.contains { $0.email == email }
    let outcome: SimulatorState.AccountCreation.Outcome =
      isTaken ? .failed(reason: "EMAIL_ALREADY_EXISTS", at: call.now) : .inProgress(until: call.now + delay)
    let creation = SimulatorState.AccountCreation(
      id: newRequestID(&state), name: name, email: email,
      role: call.text("RoleName") ?? "OrganizationAccountAccessRole", organization: context.organization.id,
      account: newAccountID(&state),
      tags: try OrganizationTagOperations.given(call),
      requested: call.now, outcome: outcome)
    state.creations.append(creation)
    return ["CreateAccountStatus": creation.document]
  }

  private static func newRequestID(_ state: inout SimulatorState) -> String {
    var generator = state.generator(for: "account-request")
    return "car-" + generator.hexadecimal(digits: 32)
  }

  private static func newAccountID(_ state: inout SimulatorState) -> String {
    while true {
      var generator = state.generator(for: "account")
      let id = String(
        (0..<12).map { $0 == 0 ? Character("\(1 + generator.below(9))") : Character("\(generator.below(10))") })
      if state.world.account(id) == nil, !state.creations.contains(where: { $0.account == id }) { return id }
    }
  }
}

extension SimulatorState.AccountCreation {
  fileprivate var document: Document {
    var completed: Timestamp?
    var failure: String?
    let text: String
    switch outcome {
    case .inProgress: text = "IN_PROGRESS"
    case .succeeded(let time):
      text = "SUCCEEDED"
      completed = time
    case .failed(let reason, let time):
      text = "FAILED"
      failure = reason
      completed = time
    }
    return Document(entries: [
      ("Id", Document(id)), ("AccountName", Document(name)), ("State", Document(text)),
      ("RequestedTimestamp", Document(requested.iso8601)),
      ("CompletedTimestamp", completed.map { Document($0.iso8601) }),
      ("AccountId", text == "SUCCEEDED" ? Document(account) : nil), ("FailureReason", failure.map { Document($0) }),
    ])
  }
}
