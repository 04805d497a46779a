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
      ], maker: makeAssumedRole
    ) { call, state throws(ServiceError) in
      try assumeRole(call, &state).document
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

  private static func makeAssumedRole(_ call: Call, _ state: inout SimulatorState) throws(ServiceError)
    -> any LateAnswer
  {
    try assumeRole(call, &state)
  }

  private static func assumeRole(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> AssumedRole {
    let request = try AssumeRoleRequest(call)
    if call.caller.kind == .root {
      throw .sts("AccessDenied", "Roles may not be assumed by root accounts.", status: 403)
    }
    let (account, role) = try request.assumableRole(in: state.world)
    try request.session.checkDuration(role: role, isChained: call.caller.kind == .roleSession)
    let tags = request.tags
    let packed = try request.session.packedSize(tags: tags)
    var attributes = Session.Attributes()
    attributes.tags = tags
    attributes.transitiveTagKeys = request.transitiveTagKeys
    attributes.sourceIdentity = request.sourceIdentity
    return try begin(request.session, attributes, account, role, packed, call, &state)
  }

  private static func assumeRoleWithWebIdentity(_ call: Call, _ state: inout SimulatorState) throws(ServiceError)
    -> Document
  {
    let request = try WebIdentityRequest(call)
    let token = try request.token(in: state.world)
    let (account, role, provider) = try request.assumableRole(token, in: state.world)
    try request.session.checkDuration(role: role, isChained: false)
    let packed = try request.session.packedSize(tags: [])
    var attributes = Session.Attributes()
    attributes.provider = provider
    attributes.bearer = "\(provider):\(token.audience):\(token.subject)"
    let assumed = try begin(request.session, attributes, account, role, packed, call, &state)
    var out = DocumentBuilder()
    out.beginObject()
    assumed.session.tell(assumed.key, until: assumed.expiration, to: &out)
    out.entry("SubjectFromWebIdentityToken", token.subject)
    assumed.tell(to: &out)
    if let packed { out.entry("PackedPolicySize", packed) }
    out.entry("Provider", provider)
    out.entry("Audience", token.audience)
    out.end()
    return out.finish()
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
    let session = newSession(.user(name: name), call.caller.account, lasting, Session.Attributes(), call, &state)
    var out = DocumentBuilder()
    out.beginObject()
    session.tell(keep(session, call, &state), until: told(lasting, call), to: &out)
    out.end()
    return out.finish()
  }
}

// MARK: Sessions

extension STSOperations {
  private static func begin(
    _ request: SessionRequest, _ attributes: Session.Attributes, _ account: WorldAccount, _ role: WorldRole,
    _ packed: Int?, _ call: Call, _ state: inout SimulatorState
  ) throws(ServiceError) -> AssumedRole {
    var attributes = attributes
    attributes.name = request.sessionName
    attributes.policies = try request.policies(in: account, state.world)
    let roleID = state.roleID(role, in: account.id, arn: request.roleText)
    let session = newSession(
      .role(name: role.name, id: roleID), account.id, request.duration, attributes, call, &state)
    return AssumedRole(
      key: keep(session, call, &state), session: session, expiration: told(request.duration, call),
      roleName: role.name, roleID: roleID, partition: state.world.partition, packedPolicySize: packed)
  }

  private static func newSession(
    _ holder: Session.Holder, _ account: String, _ duration: Int, _ attributes: Session.Attributes, _ call: Call,
    _ state: inout SimulatorState
  ) -> Session {
    Session(
      seed: state.seed, number: state.nextSessionNumber(), issued: call.now,
      // Whole seconds, as AWS counts them.
      expiration: Timestamp(seconds: call.now.seconds) + .seconds(duration), account: account, holder: holder,
      attributes: attributes)
  }

  private static func keep(_ session: Session, _ call: Call, _ state: inout SimulatorState) -> String {
    let key = session.key
    state.keep(session, as: key, at: call.now)
    return key
  }

  /// [capture] The date of the response and the duration. Clients hold it against their own clock, which a world that
  /// fixes its start or was moved on does not share; whether the session is over is for the world's clock to say.
  private static func told(_ duration: Int, _ call: Call) -> Timestamp {
    Timestamp(seconds: call.wall.seconds) + .seconds(duration)
  }
}
