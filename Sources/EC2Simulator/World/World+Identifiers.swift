import Determinism
package import Governance

extension World {
  /// `AROA…`, `AIDA…`: IAM's unique ids, the same for the same ARN in every world.
  package static func uniqueID(_ prefix: String, of arn: String) -> String {
    var generator = SeededGenerator(seed: 0, stream: "iam/\(arn)")
    return prefix + generator.text(length: 17, of: SimulatorState.keyAlphabet)
  }

  /// The generator of one thing that a world file leaves open; its name makes it independent of every other.
  func generator(_ name: String) -> SeededGenerator { SeededGenerator(seed: seed, stream: name) }

  func derivedID(_ prefix: String, _ name: String) -> String {
    var generator = generator("\(prefix)/\(name)")
    return "\(prefix)-0\(generator.hexadecimal(digits: 16))"
  }

  func derivedAccountID(_ name: String) -> String {
    var generator = generator("account/\(name)")
    let digits = (0..<12).map { "\($0 == 0 ? 1 + generator.below(9) : generator.below(10))" }
    return digits.joined()
  }

  func derivedAccessKey(_ name: String) -> WorldAccessKey {
    var generator = generator("access-key/\(name)")
    let letters = Array(SimulatorState.keyAlphabet)
    let secrets = Array(SimulatorState.secretAlphabet)
    return WorldAccessKey(
      id: "AKIA" + String((0..<16).map { _ in letters[generator.below(letters.count)] }),
      secret: String((0..<40).map { _ in secrets[generator.below(secrets.count)] }))
  }
}

extension World {
  package static let accessRoleName = "OrganizationAccountAccessRole"

  /// What is there without a world file: one account that nobody has done anything with yet.
  package static func fresh(managementAccount id: String, seed: UInt64, start: Timestamp?, joined: Timestamp) -> World {
    var world = World(seed: seed, start: start, ambientAccount: id)
    world.put(
      WorldAccount(
        id: id, name: "management", email: "aws+management@example.com", joined: joined, users: [world.admin(of: id)]))
    return world
  }

  /// The administrator whose key gives the ambient credentials.
  func admin(of account: String) -> WorldUser {
    WorldUser(name: "admin", accessKeys: [derivedAccessKey("\(account)/admin")], policies: [.administrator])
  }

  /// As AWS makes it in every account that Organizations creates.
  func accessRole(trusting management: String) -> WorldRole {
    WorldRole(
      name: Self.accessRoleName, trust: .trusting(account: management, partition: partition),
      policies: [.administrator])
  }
}
