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
    OperationEntry(
      "sts", "AssumeRole", authorization: .none, isMutating: true,
      notes: [
        "PackedPolicySize counts the characters of policy and tags; how AWS packs them is not published.",
        "Nobody has an MFA device: a SerialNumber is refused.",
        "A trust policy names principals by ARN; AWS binds it to the id a principal had when the policy was saved.",
      ],
      unestablished: [
        "A tag key that starts with aws: InvalidParameterValue.",
        "A PolicyArns entry that does not exist: ValidationError.",
        "A source identity other than the chain's: AccessDenied.",
      ]
    ) { call, state throws(ServiceError) in
      try assumeRole(call, &state)
    },
    OperationEntry(
      "sts", "AssumeRoleWithWebIdentity", authorization: .none, isMutating: true, needsSignature: false,
      notes: [
        "Tokens are those of the world's webIdentityTokens; no JWT is parsed and no key of a provider is fetched."
      ]
    ) { call, state throws(ServiceError) in
      try assumeRoleWithWebIdentity(call, &state)
    },
    OperationEntry(
      "sts", "GetSessionToken", authorization: .none, isMutating: true,
      notes: ["Nobody has an MFA device: a SerialNumber is refused."]
    ) { call, state throws(ServiceError) in
      try getSessionToken(call, &state)
    },
    OperationEntry(
      "sts", "DecodeAuthorizationMessage",
      notes: [
        "Decodes the messages of this simulator's own denials; they do not expire, and the account that was denied "
          + "decodes them."
      ]
    ) { call, state throws(ServiceError) in
      let text = try call.required("EncodedMessage")
      guard let message = AuthorizationMessage(encoded: text, seed: state.world.seed),
        message.account == call.caller.account
      else {
        throw .sts("InvalidAuthorizationMessageException", "The specified authorization message is not valid.")
      }
      return ["DecodedMessage": Document(message.details)]
    },
    OperationEntry(
      "sts", "GetAccessKeyInfo",
      unestablished: ["A key id of nobody: ValidationError. AWS reads the account from the id."]
    ) { call, state throws(ServiceError) in
      let id = try call.required("AccessKeyId")
      try STSConstraint.check(id, "accessKeyId", 16...128, .name)
      guard let account = state.sessions[id]?.account ?? state.world.keyHolders[id]?.account else {
        throw .sts("ValidationError", "The access key \(id) is not known.")
      }
      return ["Account": Document(account)]
    },
  ]

  private static func assumeRole(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let request = try AssumeRoleRequest(call)
    if call.caller.kind == .root {
      throw .sts("AccessDenied", "Roles may not be assumed by root accounts.", status: 403)
    }
    let (account, role) = try request.assumableRole(in: state.world)
    try request.session.checkDuration(role: role, isChained: call.caller.kind == .roleSession)
    let packed = try request.session.packedSize(tags: request.tags)
    var session = try newSession(request.session, account, role, call, &state)
    session.tags = request.tags
    session.transitiveTagKeys = request.transitiveTagKeys
    session.sourceIdentity = request.sourceIdentity
    return Document(entries: [
      ("Credentials", give(session, for: request.session.duration, call, &state)),
      ("AssumedRoleUser", assumedRole(session, role, state.world)),
      ("PackedPolicySize", packed.map { Document($0) }),
      ("SourceIdentity", request.sourceIdentity.map { Document($0) }),
    ])
  }

  private static func assumeRoleWithWebIdentity(_ call: Call, _ state: inout SimulatorState) throws(ServiceError)
    -> Document
  {
    let request = try WebIdentityRequest(call)
    let token = try request.token(in: state.world)
    let (account, role, provider) = try request.assumableRole(token, in: state.world)
    try request.session.checkDuration(role: role, isChained: false)
    let packed = try request.session.packedSize(tags: [])
    var session = try newSession(request.session, account, role, call, &state)
    session.provider = provider
    session.bearer = "\(provider):\(token.audience):\(token.subject)"
    return Document(entries: [
      ("Credentials", give(session, for: request.session.duration, call, &state)),
      ("SubjectFromWebIdentityToken", Document(token.subject)),
      ("AssumedRoleUser", assumedRole(session, role, state.world)),
      ("PackedPolicySize", packed.map { Document($0) }), ("Provider", Document(provider)),
      ("Audience", Document(token.audience)),
    ])
  }

  private static func getSessionToken(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    guard call.caller.session == nil else {
      throw .sts("AccessDenied", "Cannot call GetSessionToken with session credentials", status: 403)
    }
    // "Root user credentials: … a maximum of 3,600 seconds."
    let isRoot = call.caller.kind == .root
    let duration = call.integer("DurationSeconds") ?? (isRoot ? 3_600 : 43_200)
    try STSConstraint.check(duration, "durationSeconds", 900...129_600)
    guard call.text("SerialNumber") == nil else {
      throw .sts(
        "AccessDenied",
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid "
          + "and associated with this user.", status: 403)
    }
    let lasting = isRoot ? min(duration, 3_600) : duration
    let name = isRoot ? "root" : String(call.caller.arn.split(separator: "/").last ?? "")
    let session = Session(
      secret: newSecret(&state), token: newToken(&state), issued: call.now,
      expiration: Timestamp(seconds: call.now.seconds) + .seconds(lasting), account: call.caller.account,
      holder: .user(name: name))
    return ["Credentials": give(session, for: lasting, call, &state)]
  }
}

// MARK: Sessions

extension STSOperations {
  private static func newSecret(_ state: inout SimulatorState) -> String {
    state.newText("session-secret", length: 40, alphabet: SimulatorState.secretAlphabet)
  }
  private static func newToken(_ state: inout SimulatorState) -> String {
    "IQoJ" + state.newText("session-token", length: 236, alphabet: SimulatorState.secretAlphabet)
  }

  private static func newSession(
    _ request: SessionRequest, _ account: WorldAccount, _ role: WorldRole, _ call: Call, _ state: inout SimulatorState
  ) throws(ServiceError) -> Session {
    let policies = try request.policies(in: account, state.world)
    return Session(
      secret: newSecret(&state), token: newToken(&state), issued: call.now,
      // Whole seconds, as AWS counts them.
      expiration: Timestamp(seconds: call.now.seconds) + .seconds(request.duration), account: account.id,
      holder: .role(name: role.name, id: state.world.roleID(role, in: account.id)), name: request.sessionName,
      policies: policies)
  }

  /// Credentials for the session, as they are told.
  private static func give(_ session: Session, for duration: Int, _ call: Call, _ state: inout SimulatorState)
    -> Document
  {
    let key = "ASIA" + state.newText("session-key", length: 16, alphabet: SimulatorState.keyAlphabet)
    state.sessions[key] = session
    // Sessions that are over are of no more use than unknown ones, but are told apart: kept for a day, then dropped.
    if state.sessions.count.isMultiple(of: 4_096) {
      state.sessions = state.sessions.filter { $0.value.expiration + .seconds(86_400) > call.now }
    }
    // [capture] The date of the response and the duration. Clients hold it against their own clock, which a world that
    // fixes its start or was moved on does not share; whether the session is over is for the world's clock to say.
    let told = Timestamp(seconds: call.wall.seconds) + .seconds(duration)
    return [
      "AccessKeyId": Document(key), "SecretAccessKey": Document(session.secret),
      "SessionToken": Document(session.token), "Expiration": Document(told.iso8601),
    ]
  }

  /// [capture] The role's path is dropped.
  private static func assumedRole(_ session: Session, _ role: WorldRole, _ world: World) -> Document {
    let arn = "arn:\(world.partition.rawValue):sts::\(session.account):assumed-role/\(role.name)/\(session.name)"
    return [
      "AssumedRoleId": Document("\(world.roleID(role, in: session.account)):\(session.name)"), "Arn": Document(arn),
    ]
  }
}
