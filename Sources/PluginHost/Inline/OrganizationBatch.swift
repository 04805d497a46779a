import CReevePlugin
import Governance

/// The organization as a plugin sees it; one for all instances of a sweep.
@safe final class OrganizationBatch: @unchecked Sendable {
  private let arena = Arena(firstBlock: 64 << 10)
  private let organization: UnsafeMutablePointer<reeve_organization>

  var pointer: UnsafePointer<reeve_organization> { unsafe UnsafePointer(organization) }

  init(_ organization: Organization, trusted: [String]) {
    let accounts = unsafe arena.array(of: reeve_account.self, organization.accounts.count)
    for (position, account) in organization.accounts.enumerated() {
      unsafe (accounts + position).initialize(
        to: reeve_account(
          struct_size: UInt32(MemoryLayout<reeve_account>.size), reserved: 0, id: arena.text(account.id),
          name: arena.text(account.name), state: arena.text(account.state), unit_path: arena.text(account.unitPath)))
    }
    let units = unsafe arena.array(of: reeve_organizational_unit.self, organization.units.count)
    for (position, unit) in organization.units.enumerated() {
      unsafe (units + position).initialize(
        to: reeve_organizational_unit(
          struct_size: UInt32(MemoryLayout<reeve_organizational_unit>.size), reserved: 0, id: arena.text(unit.id),
          arn: arena.text(unit.arn), name: arena.text(unit.name), path: arena.text(unit.path)))
    }
    let names = unsafe arena.array(of: reeve_string.self, trusted.count)
    for (position, name) in trusted.enumerated() { unsafe (names + position).initialize(to: arena.text(name)) }
    unsafe self.organization = unsafe arena.array(of: reeve_organization.self, 1)
    unsafe self.organization.initialize(
      to: reeve_organization(
        struct_size: UInt32(MemoryLayout<reeve_organization>.size),
        membership_known: organization.membershipUnknown == nil ? 1 : 0, id: arena.text(organization.id),
        arn: arena.text(organization.arn), management_account: arena.text(organization.managementAccount),
        partition: arena.text(organization.partition.rawValue),
        accounts: arena.span(accounts, organization.accounts.count),
        units: arena.span(units, organization.units.count), trusted: arena.span(names, trusted.count),
        membership_reason: arena.text(organization.membershipUnknown ?? "")))
  }
}
