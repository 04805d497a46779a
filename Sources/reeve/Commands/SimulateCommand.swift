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
      the wall clock, unless the world fixes a start. AWS's published request rates are enforced, unless --throttling off
      or the world says otherwise. Beside AWS's own there are, under /_simulator/: clock (GET; POST {"advance": "15m"} or
      {"set": TIME}), reset (POST), faults (GET, PUT, DELETE), world (GET dumps it, PUT loads one), calls (GET, with
      filters such as ?operation=ec2:ModifyImageAttribute&limit=20) and health.
      """,
    options: [
      .init(name: "--world", value: "FILE", help: "the world to begin with"),
      .init(
        name: "--listen", value: "ADDRESS",
        help: "an IPv4 address to listen on, 0.0.0.0 for all. Default: 127.0.0.1. Any other needs --token-file"),
      .init(
        name: "--token-file", value: "FILE",
        help: "holds the token that the control endpoints ask for: Authorization: Bearer TOKEN"),
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
    let settings = try Simulation.settings(arguments, port: port, context)
    let server = SimulatorServer(
      simulator: simulator, settings: settings,
      language: .init(read: { try YAML.parse($0, file: $1) }, write: { YAML.write($0) }))
    let bound: Int
    do { bound = try server.start() } catch { throw CommandFailure.failed("\(error)") }
    defer { server.stop() }
    let endpoint = "http://\(settings.address == "0.0.0.0" ? "127.0.0.1" : settings.address):\(bound)"
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
    context.errors.write(Simulation.greeting(endpoint, settings, simulator, world))
    await context.interrupted()
    return .clean
  }
}

private enum Simulation {
  static func settings(_ arguments: Arguments, port: UInt16, _ context: Context) throws -> SimulatorServer.Settings {
    var settings = SimulatorServer.Settings(port: port, address: arguments.value("--listen") ?? "127.0.0.1")
    if let path = arguments.value("--token-file") {
      guard let bytes = try context.files.contents(of: path) else {
        throw CommandFailure.usage("\(path): no such file; expected one whose first line is a token")
      }
      let token = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
      guard token.count >= 16, token.allSatisfy({ $0.isASCII && !$0.isWhitespace }) else {
        throw CommandFailure.usage(
          "\(path): expected a token of at least 16 letters and digits in the first line, as from "
            + "`openssl rand -hex 16`")
      }
      settings.token = String(token)
    } else if !settings.isLoopback {
      throw CommandFailure.usage(
        "--listen \(settings.address): others can reach it, so the control endpoints need a token; make one with "
          + "`openssl rand -hex 16 > token` and give --token-file token")
    }
    return settings
  }

  /// What is enforced, from the facts that the fidelity page is made of.
  static func greeting(
    _ endpoint: String, _ settings: SimulatorServer.Settings, _ simulator: Simulator, _ world: World
  ) -> String {
    var lines = ["reeve simulates AWS at \(endpoint) (Ctrl-C ends it)"]
    lines.append("operations: \(Fidelity.operationCounts.map { "\($0.service) \($0.count)" }.joined(separator: ", "))")
    lines.append("enforced:")
    lines += Fidelity.enforced(throttling: world.isThrottling).map { "  - \($0)" }
    if !world.strictness.concession.isEmpty { lines.append("NOT enforced: \(world.strictness.concession)") }
    if !simulator.faults.isEmpty { lines.append("faults: \(simulator.faults.count) from the world file") }
    let guardText = settings.token == nil ? "" : ", with the token of --token-file"
    lines.append(
      "control: \(endpoint)/_simulator/{clock,reset,faults,world,calls,health}\(guardText)")
    lines.append("what is not there answers as AWS answers an unknown operation, and is counted under calls")
    return lines.joined(separator: "\n") + "\n"
  }
}
