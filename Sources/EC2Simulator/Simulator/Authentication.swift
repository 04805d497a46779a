import AWSWire
import Governance

/// Signature, skew, credentials: who is it, or AWS's exact error.
struct Authentication {
  /// What the world knows of the key that a request names.
  struct Holder: Sendable {
    var secret: String
    var caller: Caller
    /// Of a session.
    var token: String?
    var expiration: Timestamp?
    /// No signature and no secret is asked for: the world is lenient.
    var isTakenAtItsWord = false
  }

  private let model: ServiceModel
  private let region: String
  let accessKeyID: String
  private let sessionToken: String?

  init(arrival: Arrival, sessionToken: String?) {
    model = arrival.model
    region = arrival.region
    accessKeyID = arrival.accessKeyID
    self.sessionToken = sessionToken
  }

  static let skew = Duration.seconds(900)

  /// Credentials come before the signature: an unknown key, or a session whose role is gone, is told first.
  func holder(in state: inout SimulatorState) throws(ServiceError) -> Holder {
    let isLenient = state.world.strictness == .lenient
    guard var holder = knownHolder(in: &state), holder.token == sessionToken || isLenient else {
      guard isLenient, var standIn = standIn(in: state.world) else { throw unknownKey }
      standIn.isTakenAtItsWord = true
      return standIn
    }
    holder.isTakenAtItsWord = isLenient
    return holder
  }

  func checkSignature(_ claim: SignatureV4.Claim, of holder: Holder, on request: HTTPRequest, wall: Timestamp)
    throws(ServiceError)
  {
    guard !holder.isTakenAtItsWord else { return }
    try checkSkew(of: claim.date, wall)
    guard SignatureV4.verify(claim, of: request, secretAccessKey: holder.secret) else { throw mismatch }
  }

  func checkExpiry(of holder: Holder, now: Timestamp) throws(ServiceError) {
    if let expiration = holder.expiration, expiration <= now { throw Self.expired(model) }
  }

  /// A region must be there, and be switched on where it needs that.
  func checkRegion(of caller: Caller, in world: World) throws(ServiceError) {
    if Endpoint.isGlobal(service: model.name) {
      guard region == world.partition.homeRegion else {
        throw invalidSignature("Credential should be scoped to a valid region, not '\(region)'. ")
      }
      return
    }
    // STS answers in every region that an account has without opting in, wherever the world's resources are.
    let isEverywhere =
      model.name == "sts" && WorldRegion.isOrdinary(region, in: world.partition)
      && !world.regions.contains { $0.name == region }
    guard isEverywhere || world.isRegionEnabled(region, in: caller.account) else { throw unknownKey }
  }

  private func knownHolder(in state: inout SimulatorState) -> Holder? {
    let found: Holder
    if let known = state.holders.holder(of: accessKeyID, in: state.world) {
      found = known
    } else {
      let session = state.sessions[accessKeyID]
      guard let made = session.map({ holder(of: $0, in: state.world) }) ?? holder(ofKey: accessKeyID, in: state.world)
      else { return nil }
      state.holders.keep(made, of: accessKeyID)
      found = made
    }
    // "You cannot call any IAM API operations unless MFA authentication information is included."
    if model.name == "iam", case .user? = found.caller.session?.holder { return nil }
    return found
  }

  private func holder(of session: Session, in world: World) -> Holder? {
    guard let account = world.account(session.account), account.isUsable else { return nil }
    let caller: Caller
    switch session.holder {
    case .role(let name, let id):
      guard let role = account.role(named: name), world.roleID(role, in: account.id) == id else { return nil }
      caller = Caller(
        role, session: session.name, of: account, in: world, accessKeyID: accessKeyID, session: session)
    case .user(let name):
      guard let user = account.user(named: name) else { return nil }
      caller = Caller(user, of: account, in: world, accessKeyID: accessKeyID, session: session)
    }
    return Holder(secret: session.secret, caller: caller, token: session.token, expiration: session.expiration)
  }

  private func holder(ofKey id: String, in world: World) -> Holder? {
    guard let place = world.keyHolders[id], let account = world.account(place.account), account.isUsable,
      let user = account.user(named: place.user), let key = user.accessKeys.first(where: { $0.id == id }), key.isActive
    else { return nil }
    return Holder(secret: key.secret, caller: Caller(user, of: account, in: world, accessKeyID: accessKeyID))
  }

  private func checkSkew(of date: Timestamp, _ wall: Timestamp) throws(ServiceError) {
    let early = wall - Self.skew
    let late = wall + Self.skew
    guard date < early || date > late else { return }
    if model.wireProtocol == .ec2 { throw .ec2("RequestExpired", "Request has expired.") }
    let text =
      date < early
      ? "Signature expired: \(date.basic) is now earlier than \(early.basic) (\(wall.basic) - 15 min.)"
      : "Signature not yet current: \(date.basic) is still later than \(late.basic) (\(wall.basic) + 15 min.)"
    throw invalidSignature(text)
  }
}

// The same failure, in the words of each protocol.
extension Authentication {
  private static let notValidated = ServiceError.ec2(
    "AuthFailure", "AWS was not able to validate the provided access credentials", status: 401)

  private func invalidSignature(_ text: String) -> ServiceError {
    model.wireProtocol == .json
      ? .organizations("InvalidSignatureException", text) : .sts("SignatureDoesNotMatch", text, status: 403)
  }

  private var unknownKey: ServiceError {
    let text = "The security token included in the request is invalid."
    return switch model.wireProtocol {
    case .ec2: Self.notValidated
    case .json: .organizations("UnrecognizedClientException", text)
    case .query: .sts("InvalidClientTokenId", text, status: 403)
    }
  }

  var mismatch: ServiceError {
    if model.wireProtocol == .ec2 { return Self.notValidated }
    return invalidSignature(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
        + "and signing method. Consult the service documentation for details.")
  }

  static func expired(_ model: ServiceModel) -> ServiceError {
    let text = "The security token included in the request is expired"
    return switch model.wireProtocol {
    // [quote] EC2's words; the status, 400 or 403, is not established.
    case .ec2: .ec2("RequestExpired", "Request has expired.")
    case .json: .organizations("ExpiredTokenException", text)
    case .query: .sts("ExpiredToken", text, status: 403)
    }
  }

  static func error(_ error: SignatureV4.ClaimError, model: ServiceModel) -> ServiceError {
    switch (error, model.wireProtocol) {
    case (.missing, .ec2): .ec2("MissingParameter", "The request must contain the parameter AWSAccessKeyId")
    case (.missing, .json): .organizations("MissingAuthenticationTokenException", "Missing Authentication Token")
    case (.missing, .query):
      .sts("MissingAuthenticationToken", "Request is missing Authentication Token", status: 403)
    case (.incomplete(let text), .json): .organizations("IncompleteSignatureException", text)
    case (.incomplete(let text), _): .sts("IncompleteSignature", text)
    }
  }
}

/// Whom keys stand for, once it was looked up: who calls at all calls a thousand times.
///
/// Invariant: what is known holds for the identities with this stamp, and is forgotten with the first that has another.
struct KeyHolders: Sendable {
  private var known: [String: Authentication.Holder] = [:]
  private var stamp = World.Stamp.none

  /// Beyond this many it begins anew: sessions come and go.
  private static let most = 4_096

  mutating func holder(of key: String, in world: World) -> Authentication.Holder? {
    guard world.identityStamp == stamp else {
      known = [:]
      stamp = world.identityStamp
      return nil
    }
    return known[key]
  }

  /// After `holder`, which sees to it that the stamp is the world's.
  mutating func keep(_ holder: Authentication.Holder, of key: String) {
    if known.count == Self.most { known = [:] }
    known[key] = holder
  }

  mutating func forget() { known = [:] }
}
