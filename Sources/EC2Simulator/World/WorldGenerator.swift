import Determinism
import Governance

/// Fills a world from its seed. Each scope has a generator of its own: more accounts or regions change no other's images.
struct WorldGenerator {
  var population: WorldPopulation

  private static let purposes = [
    "base", "web", "worker", "batch", "bastion", "build-agent", "database", "gpu-training",
  ]
  private static let systems = ["al2023", "ubuntu-24.04", "rhel-9", "debian-13", "windows-2025"]
  private static let teams = ["platform", "payments", "search", "data", "mobile", "security"]

  func generate(into world: inout World, epoch: Timestamp) {
    let organization = world.organizations[0]
    let units = makeUnits(in: &world)
    let stranger = world.derivedAccountID("generated/stranger")
    for number in 0..<population.accounts {
      var generator = world.generator("generated/account/\(number)")
      let id = world.derivedAccountID("generated/\(number)")
      guard world.account(id) == nil else { continue }
      var account = WorldAccount(
        id: id, name: "\(Self.teams[number % Self.teams.count])-\(number + 1)", email: "aws+\(id)@example.com",
        organization: organization.id, parent: units[number / population.accountsPerUnit], joined: epoch,
        roles: [world.accessRole(trusting: organization.managementAccount)])
      if generator.unit() < population.suspendedShare { account.state = "SUSPENDED" }
      world.put(account)
      for region in population.regions {
        fill(Scope(account: id, region: region), of: &world, stranger: stranger, epoch: epoch)
      }
    }
  }

  private func makeUnits(in world: inout World) -> [String] {
    let root = world.organizations[0].root
    let count = (population.accounts + population.accountsPerUnit - 1) / population.accountsPerUnit
    return (0..<max(1, count)).map { number in
      var generator = world.generator("generated/unit/\(number)")
      let id = "ou-\(root.dropFirst(2))-\(generator.hexadecimal(digits: 8))"
      if world.organizations[0].unit(id) == nil {
        world.organizations[0].units.append(WorldUnit(id: id, name: "Unit \(number + 1)", parent: root))
      }
      return id
    }
  }

  private func fill(_ scope: Scope, of world: inout World, stranger: String, epoch: Timestamp) {
    var generator = world.generator("generated/\(scope.account)/\(scope.region)")
    let organization = world.arn(of: world.organizations[0])
    var hasPublic = false
    for number in 0..<population.imagesPerScope {
      var image = Self.makeImage(number, in: scope, &generator, epoch: epoch)
      let team = Self.teams[generator.below(Self.teams.count)]
      if generator.unit() < population.tagShare { image.tags.insert(Tag(key: "Owner", value: team), at: 0) }
      if generator.unit() < population.internalShare { image.sharedWith.append(.organization(arn: organization)) }
      if generator.unit() < population.foreignShare { image.sharedWith.append(.account(stranger)) }
      if generator.unit() < population.publicShare {
        image.sharedWith.append(.everyone)
        hasPublic = true
      }
      Self.put(image, in: &world, &generator)
    }
    // Where an image is public, publishing was not blocked.
    if hasPublic {
      world.change(scope) { $0.imageBlockPublicAccess = GuardrailSetting(state: "unblocked") }
    }
  }

  /// An image and the snapshot under it.
  private static func put(_ image: WorldImage, in world: inout World, _ generator: inout SeededGenerator) {
    var image = image
    let snapshot = WorldSnapshot(
      id: "snap-0" + generator.hexadecimal(digits: 16), owner: image.owner, region: image.region,
      volumeID: "vol-0" + generator.hexadecimal(digits: 16), size: image.devices[0].size, started: image.created)
    image.devices[0].snapshotID = snapshot.id
    world.put(snapshot)
    world.put(image)
  }

  static func addPrivateImages(_ count: Int, tags: [Tag], in scope: Scope, of world: inout World, epoch: Timestamp) {
    var generator = world.generator("generated/\(scope.account)/\(scope.region)")
    for number in 0..<count {
      var image = makeImage(number, in: scope, &generator, epoch: epoch)
      image.tags = TagOperations.merged(image.tags, with: tags)
      put(image, in: &world, &generator)
    }
  }

  private static func makeImage(_ number: Int, in scope: Scope, _ generator: inout SeededGenerator, epoch: Timestamp)
    -> WorldImage
  {
    let purpose = purposes[generator.below(purposes.count)]
    let system = systems[generator.below(systems.count)]
    let age = Duration.seconds(86_400 * (1 + generator.below(720)))
    var image = WorldImage(
      id: "ami-0" + generator.hexadecimal(digits: 16), owner: scope.account, region: scope.region,
      name: "\(purpose)-\(system)-\(number + 1)", created: epoch - age)
    image.architecture = generator.below(4) == 0 ? "arm64" : "x86_64"
    image.enaSupport = true
    image.devices = [.init(name: "/dev/xvda", size: 8 + 8 * generator.below(4), volumeType: "gp3")]
    if system.hasPrefix("windows") { image.members[.platform] = "windows" }
    image.tags = [Tag(key: "Purpose", value: purpose)]
    return image
  }
}
