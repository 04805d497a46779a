import AWSWire
import Configuration
import Determinism
import Governance
import Testing

@testable import EC2Simulator

/// A signing client of a simulator, as an SDK would be: everything goes through bytes.
struct SimulatorClient {
  static let start = Timestamp(iso8601: "2026-11-23T09:00:00Z") ?? Timestamp(seconds: 0)

  var simulator: Simulator
  var credentials: Credentials
  var region: String
  /// The date in the signature, when it is not the simulator's own.
  var date: Timestamp?

  init(_ simulator: Simulator, _ credentials: Credentials, region: String = "eu-west-1") {
    self.simulator = simulator
    self.credentials = credentials
    self.region = region
  }

  func request(_ service: String, _ operation: String, _ parameters: Document = .emptyObject) throws -> HTTPRequest {
    let model = try #require(ServiceModel.named(service))
    let operation = try #require(model.operation(operation))
    let signed = Endpoint.signingRegion(service: service, region: region)
    var request = try ClientCodec.request(
      operation, parameters: parameters, scheme: "https",
      authority: Endpoint.authority(service: service, region: region, fips: false, dualStack: false))
    SignatureV4.sign(
      &request, credentials: credentials, region: signed, service: model.signingName, date: date ?? simulator.now)
    return request
  }

  @discardableResult
  func call(_ service: String, _ operation: String, _ parameters: Document = .emptyObject) throws -> Document {
    let model = try #require(ServiceModel.named(service))
    let shape = try #require(model.operation(operation))
    let response = simulator.respond(to: try request(service, operation, parameters))
    do {
      return try ClientCodec.response(shape, response)
    } catch {
      if case .service(let refusal) = error { throw refusal }
      throw error
    }
  }

  /// The error that a call must end with.
  func failure(_ service: String, _ operation: String, _ parameters: Document = .emptyObject) throws -> ServiceError {
    do {
      let answer = try call(service, operation, parameters)
      Issue.record("\(operation) succeeded: \(answer.json)")
      return ServiceError(status: 200, code: "", message: "")
    } catch let error as ServiceError {
      return error
    }
  }

  /// The same simulator as a role.
  func assuming(_ role: String, _ more: [(name: String, value: Document?)] = []) throws -> SimulatorClient {
    let answer = try call(
      "sts", "AssumeRole",
      Document(entries: [("RoleArn", Document(role)), ("RoleSessionName", "test")] + more))
    let given = try #require(answer["Credentials"])
    var copy = self
    copy.credentials = Credentials(
      accessKeyID: given["AccessKeyId"]?.string ?? "", secretAccessKey: given["SecretAccessKey"]?.string ?? "",
      sessionToken: given["SessionToken"]?.string)
    return copy
  }

  /// The management account's caller in a member account.
  func member(_ account: String, region: String? = nil) throws -> SimulatorClient {
    var copy = try assuming("arn:aws:iam::\(account):role/OrganizationAccountAccessRole")
    copy.region = region ?? self.region
    return copy
  }

  func ids(_ parameters: Document = .emptyObject) throws -> [String] {
    try call("ec2", "DescribeImages", parameters)["Images"]?.elements.compactMap { $0["ImageId"]?.string } ?? []
  }
}

extension World {
  init(yaml: String, seed: UInt64? = nil) throws {
    try self.init(source: try YAML.parse(Array(yaml.utf8), file: "world.yaml"), seed: seed)
  }
}

extension SimulatorClient {
  /// A simulator of a world file whose clock stands still, and its administrator.
  init(yaml: String, seed: UInt64 = 1, region: String = "eu-west-1") throws {
    try self.init(world: try World(yaml: yaml), seed: seed, region: region)
  }

  init(world: World, seed: UInt64 = 1, region: String = "eu-west-1") throws {
    let clock = FixedClock(Self.start)
    let shared = SharedSimulator()
    // The wall goes with the world here, so that an advance expires sessions and not signatures.
    let simulator = Simulator(world: world, seed: seed, clock: clock) { shared.now ?? Self.start }
    shared.set(simulator)
    self.init(simulator, try #require(simulator.ambientCredentials), region: region)
  }
}

/// Lets the wall closure of a simulator ask the simulator itself.
private final class SharedSimulator: @unchecked Sendable {
  private weak var simulator: Simulator?
  func set(_ simulator: Simulator) { self.simulator = simulator }
  var now: Timestamp? { simulator?.now }
}

/// Three accounts of one organization, a stranger in an organization of its own, and images with every kind of share.
let neighbourhood = """
  seed: 3
  throttling: off
  regions: [eu-west-1, us-east-1, {name: me-south-1, optIn: true}]
  organization:
    id: o-home
    root: r-home
    management: "111111111111"
    units: [{id: ou-home-prod, name: Prod, units: [{id: ou-home-web, name: Web}]}, {id: ou-home-test, name: Test}]
  organizations:
    - {id: o-away, root: r-away, management: "888888888888"}
  accounts:
    - {id: "111111111111", name: management}
    - id: "222222222222"
      name: owner
      unit: Prod
      imageBlockPublicAccess: {eu-west-1: unblocked}
      images:
        - {id: ami-00000000000000a01, region: eu-west-1, name: private, tags: {Owner: a}}
        - {id: ami-00000000000000a02, region: eu-west-1, name: public, sharedWith: [all]}
        - {id: ami-00000000000000a03, region: eu-west-1, name: to-account, sharedWith: ["333333333333"]}
        - {id: ami-00000000000000a04, region: eu-west-1, name: to-organization, sharedWith: ["arn:aws:organizations::111111111111:organization/o-home"]}
        - {id: ami-00000000000000a05, region: eu-west-1, name: to-web, sharedWith: ["arn:aws:organizations::111111111111:ou/o-home/ou-home-web"]}
        - {id: ami-00000000000000a06, region: eu-west-1, name: to-prod, sharedWith: ["arn:aws:organizations::111111111111:ou/o-home/ou-home-prod"]}
        - {id: ami-00000000000000a07, region: eu-west-1, name: disabled, state: disabled}
        - {id: ami-00000000000000a08, region: eu-west-1, name: deprecated, deprecated: 2026-01-01T00:00:00Z, sharedWith: [all]}
        - {id: ami-00000000000000a09, region: us-east-1, name: elsewhere, sharedWith: [all]}
    - {id: "333333333333", name: web, unit: Prod/Web, optIn: [me-south-1]}
    - {id: "444444444444", name: test, unit: Test}
    - id: "888888888888"
      name: stranger
      organization: o-away
      users: [{name: admin, accessKeys: [{id: AKIASTRANGER, secret: stranger-secret}], policies: [AdministratorAccess]}]
  """

let strangerCredentials = Credentials(accessKeyID: "AKIASTRANGER", secretAccessKey: "stranger-secret")

extension String {
  /// `ami-…a01` for 1.
  static func image(_ number: Int) -> String { "ami-00000000000000a0\(number)" }
}
