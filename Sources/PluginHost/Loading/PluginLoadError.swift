/// Why one plugin was not loaded. The others are.
package struct PluginLoadError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    // The manifest.
    case manifestMissing = "P101"
    case manifestInvalid = "P102"
    case manifestABI = "P103"
    // The locks.
    case lockUnusable = "P201"
    case notLocked = "P202"
    case lockIdentity = "P203"
    case manifestHash = "P204"
    case platformNotLocked = "P205"
    case libraryHash = "P206"
    case grantExceeded = "P207"
    case isolationUnavailable = "P208"
    case duplicatePlugin = "P209"
    case duplicateCheck = "P210"
    case signatureMissing = "P211"
    case signatureWrong = "P212"
    case keyNotTrusted = "P213"
    // The file.
    case fileMissing = "P301"
    case symbolicLink = "P302"
    case notRegularFile = "P303"
    case wrongOwner = "P304"
    case writableByAll = "P305"
    case fileUnreadable = "P306"
    // The library, before any of it runs.
    case notALibrary = "P401"
    case wrongMachine = "P402"
    case noEntry = "P403"
    case wrongABI = "P404"
    case neededLibrary = "P405"
    case textRelocations = "P406"
    case executableStack = "P407"
    case searchPath = "P408"
    case writableCode = "P409"
    // The library, loaded.
    case loaderRefused = "P501"
    case declined = "P502"
    case diedLoading = "P503"
    // The descriptor against the manifest.
    case descriptorMalformed = "P601"
    case descriptorABI = "P602"
    case needsNewerHost = "P603"
    case idDiffers = "P604"
    case versionDiffers = "P605"
    case checksDiffer = "P606"
    case interfacesDiffer = "P607"
  }

  package var code: Code
  /// The plugin's id, or its folder's name while the id is not known.
  package var plugin: String
  /// The file that is at fault, or has to change.
  package var path: String
  package var message: String
  package var expected: String
  package var found: String
  /// What to do next.
  package var remedy: String

  package init(
    _ code: Code, plugin: String, path: String, message: String, expected: String = "", found: String = "",
    remedy: String
  ) {
    self.code = code
    self.plugin = plugin
    self.path = path
    self.message = message
    self.expected = expected
    self.found = found
    self.remedy = remedy
  }

  package var description: String {
    var text = "\(code.rawValue) plugin \(plugin): \(message) (\(path))"
    if !expected.isEmpty { text += "; expected \(expected)" }
    if !found.isEmpty { text += expected.isEmpty ? "; found \(found)" : ", found \(found)" }
    return remedy.isEmpty ? text : text + ". \(remedy)"
  }
}

/// All that kept one plugin from being loaded.
package struct PluginLoadErrors: Error, Sendable, Equatable, CustomStringConvertible {
  package var errors: [PluginLoadError]

  package init(_ errors: [PluginLoadError]) { self.errors = errors }
  init(_ error: PluginLoadError) { errors = [error] }
  package var description: String { errors.map(\.description).joined(separator: "\n") }
}
