import Determinism
import Governance

/// A generated population: so many accounts, regions, images, with shares of what is to be found.
struct WorldPopulation {
  var accounts: Int
  var regions: [String]
  var imagesPerScope: Int
  /// Of the images: public; shared with a stranger; shared within the organization; with an Owner tag.
  var publicShare: Double
  var foreignShare: Double
  var internalShare: Double
  var tagShare: Double
  /// Of the accounts: suspended.
  var suspendedShare: Double
  var accountsPerUnit: Int
}

extension WorldReader {
  private static let populationKeys = [
    "accounts", "regions", "imagesPerScope", "publicShare", "foreignShare", "internalShare", "tagShare",
    "suspendedShare", "accountsPerUnit",
  ]

  /// Private images of one account, so many in each of some regions, with the account's own tags on each.
  func readImages(generated value: SourceValue, of account: String) {
    let fields = reader.fields(of: value, known: ["images", "regions", "tags"])
    let count = reader.integer(fields["images"], in: 0...100_000) ?? 10
    let given = tags(fields["tags"])
    guard fields["regions"] != nil else {
      reader.problem(value.location, "generated images need regions")
      return
    }
    for region in reader.elements(fields["regions"]).compactMap({ region($0) }) {
      WorldGenerator.addPrivateImages(
        count, tags: given, in: Scope(account: account, region: region), of: &world, epoch: epoch)
    }
  }

  func readPopulation(_ value: SourceValue) {
    let fields = reader.fields(of: value, known: Self.populationKeys)
    let named = reader.elements(fields["regions"]).compactMap { region($0) }
    let population = WorldPopulation(
      accounts: reader.integer(fields["accounts"], in: 0...100_000) ?? 10,
      regions: named.isEmpty ? world.regions.filter { !$0.needsOptIn }.map(\.name) : named,
      imagesPerScope: reader.integer(fields["imagesPerScope"], in: 0...100_000) ?? 10,
      publicShare: reader.real(fields["publicShare"], in: 0...1) ?? 0,
      foreignShare: reader.real(fields["foreignShare"], in: 0...1) ?? 0,
      internalShare: reader.real(fields["internalShare"], in: 0...1) ?? 0.1,
      tagShare: reader.real(fields["tagShare"], in: 0...1) ?? 0.9,
      suspendedShare: reader.real(fields["suspendedShare"], in: 0...1) ?? 0,
      accountsPerUnit: reader.integer(fields["accountsPerUnit"], in: 1...10_000) ?? 50)
    guard reader.problems.isEmpty, !world.organizations.isEmpty else { return }
    WorldGenerator(population: population).generate(into: &world, epoch: epoch)
  }
}
