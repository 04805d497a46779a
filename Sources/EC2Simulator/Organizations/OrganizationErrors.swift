import AWSWire

/// What Organizations refuses, in its words.
extension ServiceError {
  static let organizationsDenied = organizations(
    "AccessDeniedException", "You don't have permissions to access this resource.")
  static let noAccount = organizations("AccountNotFoundException", "You specified an account that doesn't exist.")
  static let noTarget = organizations("TargetNotFoundException", "You specified a target that doesn't exist.")
  static let noParent = organizations("ParentNotFoundException", "You specified a parent that doesn't exist.")
  static let noChild = organizations("ChildNotFoundException", "You specified a child that doesn't exist.")
  static let noRoot = organizations("RootNotFoundException", "You specified a root that doesn't exist.")
  static let noUnit = organizations(
    "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
  static let noPolicy = organizations(
    "PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified.")
  static let typeNotEnabled = organizations(
    "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types.")
  static let unknownServicePrincipal = invalidInput("You specified an unrecognized service principal.")

  static func invalidInput(_ message: String, reason: String? = nil) -> ServiceError {
    var error = organizations("InvalidInputException", message)
    error.reason = reason
    return error
  }

  static func constraint(_ reason: String, _ message: String) -> ServiceError {
    var error = organizations("ConstraintViolationException", message)
    error.reason = reason
    return error
  }
}
