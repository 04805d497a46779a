import CReevePlugin

/// The plugin's state for one sweep: one object for each role, made with configuration and organization.
final class PluginInstance {
  let checks: [any Check]
  let discovery: (any Discovery)?
  let tagger: (any Tagger)?
  let remediator: (any Remediator)?

  init(_ definition: PluginDefinition, configuration: Document, organization: Organization) throws {
    checks = try definition.checks.map { try $0.init(configuration: configuration, organization: organization) }
    discovery = try definition.discovery?.init(configuration: configuration, organization: organization)
    tagger = try definition.tagger?.init(configuration: configuration, organization: organization)
    remediator = try definition.remediator?.init(configuration: configuration, organization: organization)
  }

  static func create(
    _ call: Call, _ arguments: UnsafePointer<reeve_create_arguments>, _ slot: UnsafeMutablePointer<OpaquePointer?>
  ) -> reeve_status {
    guard let definition = PluginDefinition.current else {
      return call.fail(REEVE_ERROR_INTERNAL, "an instance was asked for before the plugin was introduced")
    }
    do {
      let instance = try unsafe PluginInstance(
        definition, configuration: DocumentView(arguments.pointee.configuration)?.copy() ?? .emptyObject,
        organization: Organization(arguments.pointee.organization))
      unsafe slot.pointee = unsafe OpaquePointer(Unmanaged.passRetained(instance).toOpaque())
      return REEVE_OK
    } catch {
      return call.fail(REEVE_ERROR_CONFIGURATION, "\(error)")
    }
  }

  static func from(_ raw: OpaquePointer) -> PluginInstance {
    unsafe Unmanaged<PluginInstance>.fromOpaque(UnsafeRawPointer(raw)).takeUnretainedValue()
  }
}

extension Organization {
  init(_ raw: UnsafePointer<reeve_organization>) {
    let accounts = unsafe SpanReader<reeve_account>(raw.pointee.accounts).map { account in
      unsafe Account(
        id: Text(account.pointee.id).string, name: Text(account.pointee.name).string,
        state: Text(account.pointee.state).string, unitPath: Text(account.pointee.unit_path).string)
    }
    let units = unsafe SpanReader<reeve_organizational_unit>(raw.pointee.units).map { unit in
      unsafe Unit(
        id: Text(unit.pointee.id).string, arn: Text(unit.pointee.arn).string, name: Text(unit.pointee.name).string,
        path: Text(unit.pointee.path).string)
    }
    unsafe self.init(
      id: Text(raw.pointee.id).string, arn: Text(raw.pointee.arn).string,
      managementAccount: Text(raw.pointee.management_account).string,
      partition: Text(raw.pointee.partition).string, accounts: accounts, units: units,
      trusted: SpanReader<reeve_string>(raw.pointee.trusted).map { unsafe Text($0.pointee).string },
      membershipKnown: raw.pointee.membership_known != 0,
      membershipReason: Text(raw.pointee.membership_reason).string)
  }
}
