// swift-tools-version: 6.2
// The map of the house. Targets stand in floor order: a target may import only what its line names, and only
// targets above it. `make check` fails on any other import.
import PackageDescription

/// Every module of Reeve itself. Plugins and their authors' packages get none of these.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, imports: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

func tests(_ module: String, imports: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(module)Tests", dependencies: [.init(stringLiteral: module)] + imports,
    exclude: exclude, swiftSettings: strict)
}

/// A plugin's library exports its entry and nothing else. A sweep copies, hashes and maps every one of them: released,
/// they carry the names that a backtrace prints and no more for a debugger, a quarter of the bytes.
let oneSymbol: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/exports.map"]),
  .unsafeFlags(["-Xlinker", "--strip-debug"], .when(configuration: .release)),
]

/// A shipped plugin: its logic (which tests can link) and its entry (the one exported symbol).
struct Plugin {
  var name: String
  var targets: [Target] {
    [
      .target(
        name: "\(name)Logic", dependencies: ["ReevePluginKit"], path: "Plugins/\(name)/Sources"),
      .target(
        name: "\(name)Entry", dependencies: ["ReevePluginKit", .target(name: "\(name)Logic")],
        path: "Plugins/\(name)/Entry",
        linkerSettings: oneSymbol),
    ]
  }
  var product: Product { .library(name: name, type: .dynamic, targets: ["\(name)Entry"]) }
}

let plugins = [
  Plugin(name: "ImageDiscovery"),
  Plugin(name: "GuardrailDiscovery"),
  Plugin(name: "PublicImage"),
  Plugin(name: "ForeignShare"),
  Plugin(name: "PublicSnapshot"),
  Plugin(name: "BlockPublicAccess"),
  Plugin(name: "TagPolicy"),
  Plugin(name: "RevokePublicAccess"),
]

let package = Package(
  name: "reeve",
  products: [
    .executable(name: "reeve", targets: ["reeve"]),
    .executable(name: "reeve-plugin-host", targets: ["reeve-plugin-host"]),
    .library(name: "ReevePluginKit", targets: ["ReevePluginKit"]),
    .library(name: "ReevePluginTesting", targets: ["ReevePluginTesting"]),
    .library(name: "PublicSnapshotInC", type: .dynamic, targets: ["PublicSnapshotInC"]),
  ] + plugins.map(\.product),
  targets: [
    // Floor 0: the plugin contract, and what the distribution and the kernel give.
    .target(name: "CReevePlugin"),
    .target(name: "CSandbox"),
    .target(
      name: "CAWSModels", exclude: ["tables"], cSettings: [.unsafeFlags(["-Wno-c23-extensions"])]),
    system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev", brew: "curl"),
    system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev", brew: "openssl@3"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev", brew: "sqlite"),
    system("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev", brew: "libmicrohttpd"),
    system("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev", brew: "libyaml"),
    system("CXML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev", brew: "libxml2"),

    // Floor 1: the vocabulary, and the sources of determinism.
    library("Governance"),
    library("Determinism", imports: ["Governance"]),
    library("PluginFrames", imports: ["CReevePlugin"]),

    // Floor 2: pure logic.
    library("AWSWire", imports: ["Governance", "CAWSModels", "COpenSSL", "CXML2"]),
    library("Orchestrator", imports: ["Governance", "Determinism"]),
    library("EC2Simulator", imports: ["Governance", "Determinism", "AWSWire"]),
    library("Configuration", imports: ["Governance", "CYAML"]),
    library("Reporting", imports: ["Governance"]),

    // Floor 3: adapters to the world outside.
    library("AWSAccess", imports: ["Governance", "Determinism", "AWSWire", "Orchestrator", "CCurl"]),
    library("Ledger", imports: ["Governance", "Determinism", "Orchestrator", "CSQLite"]),
    library(
      "PluginHost",
      imports: [
        "Governance", "Determinism", "Orchestrator", "PluginFrames", "CReevePlugin", "CSandbox", "COpenSSL",
      ]),
    library("ReevePluginKit", imports: ["CReevePlugin"]),
    library("ReevePluginTesting", imports: ["ReevePluginKit"]),
    library("SimulatorServer", imports: ["Governance", "Determinism", "AWSWire", "EC2Simulator", "CMicroHTTPD"]),

    // Floor 4: the real orchestrator on the simulator, under virtual time.
    library(
      "ScenarioReplay",
      imports: [
        "Governance", "Determinism", "AWSWire", "AWSAccess", "EC2Simulator", "Ledger", "PluginHost",
        "Configuration", "Orchestrator",
      ]),

    // Floor 5: the process that one plugin runs in, with nothing in it that a plugin could use.
    .executableTarget(
      name: "reeve-plugin-host", dependencies: ["CReevePlugin", "CSandbox", "PluginFrames"], swiftSettings: strict,
      linkerSettings: [.unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../lib/reeve/swift"])]),

    // The command line; the only place where live clock, randomness, environment and network are made.
    .executableTarget(
      name: "reeve",
      dependencies: [
        "Governance", "Determinism", "AWSWire", "Orchestrator", "EC2Simulator", "Configuration", "Reporting",
        "AWSAccess", "Ledger", "PluginHost", "SimulatorServer", "ScenarioReplay",
        "CCurl", "COpenSSL", "CSQLite", "CMicroHTTPD", "CYAML", "CXML2",
      ],
      swiftSettings: strict,
      // Where `make install` puts the Swift runtime; a build folder uses the toolchain's.
      linkerSettings: [.unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../lib/reeve/swift"])]),
  ]
    // The shipped plugins. One is written in C as well: the contract is the header, not the kit.
    + plugins.flatMap(\.targets)
    + [
      .target(
        name: "PublicSnapshotInC", dependencies: ["CReevePlugin"], path: "Plugins/PublicSnapshotInC/Sources",
        linkerSettings: oneSymbol)
    ]
    // Tests mirror the sources.
    + [
      tests("Governance"),
      tests("Determinism", imports: ["Governance"]),
      tests("AWSWire", imports: ["Governance"], exclude: ["Golden"]),
      tests("Orchestrator", imports: ["Governance", "Determinism"]),
      tests("EC2Simulator", imports: ["Governance", "Determinism", "AWSWire", "Configuration"]),
      tests("Configuration", imports: ["Governance"]),
      tests("Reporting", imports: ["Governance"], exclude: ["Golden"]),
      tests("AWSAccess", imports: ["Governance", "Determinism", "AWSWire", "Orchestrator", "CCurl", "CMicroHTTPD"]),
      tests("Ledger", imports: ["Governance", "Determinism", "Orchestrator", "CSQLite"]),
      tests("PluginFrames", imports: ["CReevePlugin"]),
      tests(
        "PluginHost",
        imports: ["Governance", "Determinism", "Orchestrator", "PluginFrames", "CReevePlugin", "CSandbox"],
        exclude: ["Zoo", "Frozen"]),
      tests(
        "ReevePluginTesting",
        imports: [
          "ReevePluginKit", "PublicImageLogic", "ImageDiscoveryLogic", "TagPolicyLogic", "RevokePublicAccessLogic",
        ]),
      tests(
        "ReevePluginKit",
        imports: ["CReevePlugin"] + plugins.map { .target(name: "\($0.name)Logic") }),
      tests("SimulatorServer", imports: ["Governance", "Determinism", "AWSWire", "EC2Simulator"]),
      tests(
        "ScenarioReplay",
        imports: [
          "Governance", "Determinism", "AWSWire", "AWSAccess", "EC2Simulator", "Ledger", "PluginHost",
          "Configuration", "Orchestrator",
        ]),
      tests("reeve", imports: ["Governance", "Determinism", "AWSAccess"]),
    ]
)
