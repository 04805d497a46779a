import AWSWire
import Configuration
import Determinism
import EC2Simulator
import Governance
import SimulatorServer

extension Command {
  static let simulate = Command(
    path: ["simulate"], summary: "serve a simulated AWS over HTTP, for the AWS CLI, boto3 and reeve itself",
    discussion: """
      Listens on loopback. Without --world there is one fresh management account, with no organization yet. Time runs with
      the wall clock, unless the world fixes a start; POST /_simulator/clock {"advance": "15m"} moves it on, POST
      /_simulator/reset goes back to the initial world, GET /_simulator/world dumps it. AWS's published
      request rates are enforced, unless --throttling off or the world says otherwise.
      """,
    options: [
      .init(name: "--world", value: "FILE", help: "the world to begin with"),
      .init(name: "--port", value: "N", help: "the port; 0 takes a free one. Default: 4566"),
      .init(
        name: "--throttling", value: "on|off",
        help: "enforce AWS's published request rates. Default: what the world says, which is on unless it says off"),
      .init(name: "--seed", value: "N", help: "the seed of ids, keys and generated populations. Default: the world's"),
      .init(
        name: "--env-file", value: "FILE", help: "write shell exports (endpoint, key, secret, region) once it listens"),
    ]
  ) { arguments, context in
    let seed = try arguments.parsed("--seed", expected: "a whole number") { UInt64($0) }
    let port = try arguments.parsed("--port", expected: "0 to 65535") { UInt16($0) } ?? 4_566
    let throttling = try arguments.parsed("--throttling", expected: "on or off") { ["on": true, "off": false][$0] }
    var world: World
    if let path = arguments.value("--world") {
      world = try Worlds.read(path, seed: seed, context)
    } else {
      world = World.fresh(
        managementAccount: "123456789012", seed: seed ?? 1, start: nil, joined: context.clock.now)
    }
    if let throttling { world.isThrottling = throttling }
    let wall = context.clock
    let simulator = Simulator(
      world: world, seed: seed ?? world.seed, clock: RunningWorldClock(start: world.start, wall: wall),
      wall: { wall.now })
    let server = SimulatorServer(
      simulator: simulator, settings: .init(port: port), render: { YAML.write($0) })
    let bound: Int
    do { bound = try server.start() } catch { throw CommandFailure.failed("\(error)") }
    defer { server.stop() }
    let endpoint = "http://127.0.0.1:\(bound)"
    guard let credentials = simulator.ambientCredentials else {
      throw CommandFailure.usage("the world gives its ambient account no user with an access key")
    }
    let region = world.regions.contains { $0.name == "us-east-1" } ? "us-east-1" : world.regions[0].name
    if let path = arguments.value("--env-file") {
      let text = """
        export AWS_ENDPOINT_URL=\(endpoint)
        export AWS_ACCESS_KEY_ID=\(credentials.accessKeyID)
        export AWS_SECRET_ACCESS_KEY=\(credentials.secretAccessKey)
        export AWS_REGION=\(region)
        export AWS_DEFAULT_REGION=\(region)

        """
      try context.files.replace(path, with: Array(text.utf8), mode: 0o600)
    }
    context.errors.write(
      """
      reeve simulates AWS at \(endpoint) (Ctrl-C ends it)
      enforced: signatures, access keys and session tokens with their expiry, trust, identity, session and service
      control policies, block public access, visibility of shared and public images, quotas, pagination rules
      \(world.strictness.concession.isEmpty ? "nobody gets in without a known key and its signature" : "NOT enforced: " + world.strictness.concession)
      operations that are not there answer InvalidAction; GET \(endpoint)/_simulator/calls counts what was called

      """)
    await context.interrupted()
    return .clean
  }
}
