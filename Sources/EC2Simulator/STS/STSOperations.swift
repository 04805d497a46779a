import AWSWire
import Governance

/// AWS Security Token Service: who am I, and be someone else.
enum STSOperations {
  static let entries = [
    OperationEntry("sts", "GetCallerIdentity", authorization: .none) { call, _ throws(ServiceError) in
      [
        "UserId": Document(call.caller.userID), "Account": Document(call.caller.account),
        "Arn": Document(call.caller.arn),
      ]
    },
    OperationEntry("sts", "AssumeRole", authorization: .none, isMutating: true) { call, state throws(ServiceError) in
      try assumeRole(call, &state)
    },
  ]

  private static func assumeRole(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let request = try AssumeRoleRequest(call)
    if call.caller.kind == .root {
      throw .sts("AccessDenied", "Roles may not be assumed by root accounts.", status: 403)
    }
    let role = try request.assumableRole(call, in: state.world)
    try request.checkDuration(role: role, caller: call.caller)
    let session = makeSession(request, role: role, now: call.now, in: &state)
    let key = "ASIA" + state.newText("session-key", length: 16, alphabet: SimulatorState.keyAlphabet)
    state.sessions[key] = session
    // Sessions that are over are of no more use than unknown ones, but are told apart: kept for a day, then dropped.
    if state.sessions.count.isMultiple(of: 4_096) {
      state.sessions = state.sessions.filter { $0.value.expiration + .seconds(86_400) > call.now }
    }
    // [capture] The date of the response and the duration. Clients hold it against their own clock, which a world that
    // fixes its start or was moved on does not share; whether the session is over is for the world's clock to say.
    let told = Timestamp(seconds: call.wall.seconds) + .seconds(request.duration)
    let arn = "arn:\(state.world.partition.rawValue):sts::\(session.account):assumed-role/\(role.name)/\(session.name)"
    return Document(entries: [
      (
        "Credentials",
        [
          "AccessKeyId": Document(key), "SecretAccessKey": Document(session.secret),
          "SessionToken": Document(session.token), "Expiration": Document(told.iso8601),
        ]
      ),
      ("AssumedRoleUser", ["AssumedRoleId": Document("\(session.roleID):\(session.name)"), "Arn": Document(arn)]),
      ("PackedPolicySize", request.policyText.map { Document(max(1, $0.utf8.count * 100 / 2_048)) }),
      ("SourceIdentity", request.sourceIdentity.map { Document($0) }),
    ])
  }

  private static func makeSession(
    _ request: AssumeRoleRequest, role: WorldRole, now: Timestamp, in state: inout SimulatorState
  ) -> Session {
    let account = request.role.account
    return Session(
      secret: state.newText("session-secret", length: 40, alphabet: SimulatorState.secretAlphabet),
      token: "IQoJ" + state.newText("session-token", length: 236, alphabet: SimulatorState.secretAlphabet),
      // Whole seconds, as AWS counts them.
      expiration: Timestamp(seconds: now.seconds) + .seconds(request.duration), account: account, role: role.name,
      name: request.sessionName,
      roleID: World.uniqueID("AROA", of: state.world.iamARN(account: account, "role\(role.path)\(role.name)")),
      policies: request.policy.map { [$0] }, tags: request.tags)
  }
}
