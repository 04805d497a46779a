package import Governance

/// What `plugin.json` says.
package struct PluginManifest: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable { case discovery, check, tagger, remediator }
  package enum Isolation: String, Sendable { case sandbox, inline }

  package struct Check: Sendable, Equatable {
    package var id: String
    package var title: String
    package var severity: Severity
    /// What to do about it, for a person.
    package var remediation: String
    package var resourceTypes: [String]
    /// The attributes it reads; "Tags" for the tags.
    package var attributes: [String]
    /// Framework → controls, as in `CIS AWS Compute Services 1.0.0` → `2.1.5`.
    package var frameworks: [(framework: String, controls: [String])]

    package init(
      id: String, title: String, severity: Severity, remediation: String, resourceTypes: [String],
      attributes: [String], frameworks: [(framework: String, controls: [String])] = []
    ) {
      self.id = id
      self.title = title
      self.severity = severity
      self.remediation = remediation
      self.resourceTypes = resourceTypes
      self.attributes = attributes
      self.frameworks = frameworks
    }

    package static func == (left: Check, right: Check) -> Bool {
      left.id == right.id && left.title == right.title && left.severity == right.severity
        && left.remediation == right.remediation && left.resourceTypes == right.resourceTypes
        && left.attributes == right.attributes
        && left.frameworks.elementsEqual(right.frameworks) {
          $0.framework == $1.framework && $0.controls == $1.controls
        }
    }
  }

  package var id: String
  package var version: String
  package var summary: String
  package var kinds: [Kind]
  package var checks: [Check]
  /// Discovery: types it emits. Tagger, remediator: types it works on.
  package var resourceTypes: [String]
  /// Discovery: attributes it emits, by resource type.
  package var attributes: [String: [String]]
  /// Of these, what it reads only when a check wants it: each costs calls of its own.
  package var onDemandAttributes: [String: [String]]
  /// Tagger, remediator: the attributes it reads, by resource type.
  package var readsAttributes: [String: [String]]
  /// Remediator: ids of the checks whose findings it plans for.
  package var remediates: [String]
  /// AWS operations it requests (discovery) or plans (tagger, remediator), as `ec2:DescribeImages`.
  package var operations: [String]
  /// JSON Schema of its configuration.
  package var configurationSchema: Document
  package var isolation: Isolation
  /// Shipped with Reeve, or locked in the team's `plugins.lock`.
  package var isShipped: Bool

  package init(
    id: String, version: String, summary: String = "", kinds: [Kind], checks: [Check] = [],
    resourceTypes: [String] = [], attributes: [String: [String]] = [:],
    onDemandAttributes: [String: [String]] = [:], readsAttributes: [String: [String]] = [:],
    remediates: [String] = [], operations: [String] = [], configurationSchema: Document = .emptyObject,
    isolation: Isolation = .inline, isShipped: Bool = true
  ) {
    self.id = id
    self.version = version
    self.summary = summary
    self.kinds = kinds
    self.checks = checks
    self.resourceTypes = resourceTypes
    self.attributes = attributes
    self.onDemandAttributes = onDemandAttributes
    self.readsAttributes = readsAttributes
    self.remediates = remediates
    self.operations = operations
    self.configurationSchema = configurationSchema
    self.isolation = isolation
    self.isShipped = isShipped
  }
}

/// A plugin's own fault: the plugin, what it did, and where.
package struct PluginFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package var plugin: String
  /// `PluginStalled`, `PluginBadData`, `PluginFailed`, … for machines.
  package var code: String

  /// The plugin ended its call with an error of its own accord.
  package static let saidFailed = "PluginFailed"
  package var message: String

  package init(plugin: String, code: String, message: String) {
    self.plugin = plugin
    self.code = code
    self.message = message
  }
  package var description: String { "plugin \(plugin): \(message)" }
  package var reason: FailureReason { FailureReason(kind: .internal, code: code, message: description) }
}

/// The port to loaded, verified plugins. `PluginHost` implements it.
package protocol PluginCatalog: Sendable {
  /// Sorted by id.
  var manifests: [PluginManifest] { get }

  /// Instances for one sweep or plan: every plugin is configured and told of the organization.
  func open(_ setting: PluginSetting) async throws(PluginFailure) -> any PluginSession
}

/// What instances are made with.
package struct PluginSetting: Sendable {
  package var organization: Organization
  /// Account ids, organization and unit ARNs trusted by configuration.
  package var trusted: [String]
  /// By plugin id; an empty object for those that are not named.
  package var configurations: [String: Document]
  /// Plugins to make instances of.
  package var plugins: [String]
  package var now: Timestamp

  package init(
    organization: Organization, trusted: [String], configurations: [String: Document], plugins: [String],
    now: Timestamp
  ) {
    self.organization = organization
    self.trusted = trusted
    self.configurations = configurations
    self.plugins = plugins
    self.now = now
  }
}

/// Instances of the plugins of one sweep. `now` is the sweep's time.
package protocol PluginSession: Sendable {
  func beginDiscovery(plugin: String, in setting: DiscoverySetting, now: Timestamp) async throws(PluginFailure)
    -> any DiscoveryRun

  /// The plugin's verdicts on the batch for those of its checks that are named; one that it left out is not evaluated.
  func evaluate(plugin: String, checks: [String], resources: [Resource], now: Timestamp) async throws(PluginFailure)
    -> [CheckedResource]

  func propose(plugin: String, resources: [Resource], now: Timestamp) async throws(PluginFailure) -> [TagOperation]

  func plan(plugin: String, resources: [Resource], findings: [PlannableFinding], now: Timestamp)
    async throws(PluginFailure) -> [Action]

  /// Releases the instances.
  func close() async
}

package struct DiscoverySetting: Sendable {
  package var scope: Scope
  package var partition: Partition
  package var wanted: [(resourceType: String, attribute: String)]

  package init(scope: Scope, partition: Partition, wanted: [(resourceType: String, attribute: String)]) {
    self.scope = scope
    self.partition = partition
    self.wanted = wanted
  }
}

package protocol DiscoveryRun: Sendable {
  /// What `begin` emitted.
  var first: DiscoveryStep { get }
  func resume(with responses: [DiscoveryResponse]) async throws(PluginFailure) -> DiscoveryStep
  /// Exactly once, also after a failure or a cancel.
  func end() async
}

package struct DiscoveryStep: Sendable {
  package var requests: [DiscoveryRequest]
  package var resources: [Resource]
  package var isDone: Bool

  package init(requests: [DiscoveryRequest], resources: [Resource], isDone: Bool) {
    self.requests = requests
    self.resources = resources
    self.isDone = isDone
  }
}

package struct DiscoveryRequest: Sendable {
  package var id: UInt32
  package var call: APICall
  package var followsPages: Bool
  package var isReusable: Bool

  package init(id: UInt32, call: APICall, followsPages: Bool, isReusable: Bool) {
    self.id = id
    self.call = call
    self.followsPages = followsPages
    self.isReusable = isReusable
  }
}

package struct DiscoveryResponse: Sendable {
  package var request: UInt32
  package var outcome: Result<Document, FailureReason>
  package var isLastPage: Bool
  /// nil: now.
  package var readAt: Timestamp?

  package init(request: UInt32, outcome: Result<Document, FailureReason>, isLastPage: Bool, readAt: Timestamp? = nil) {
    self.request = request
    self.outcome = outcome
    self.isLastPage = isLastPage
    self.readAt = readAt
  }
}

/// An open finding, for a remediator.
package struct PlannableFinding: Sendable {
  /// Index in the batch.
  package var resource: Int
  package var check: String
  package var message: String
  package var evidence: Document

  package init(resource: Int, check: String, message: String, evidence: Document) {
    self.resource = resource
    self.check = check
    self.message = message
    self.evidence = evidence
  }
}
