import Foundation
import Glibc
import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct SignatureTests {
  private static let key = SigningKey(seed: Array(0..<32))
  private static let other = SigningKey(seed: Array(repeating: 9, count: 32))

  @Test("RFC 8032, section 7.1, test 2: key and signature")
  func vector() throws {
    func bytes(_ hexadecimal: String) -> [UInt8] {
      stride(from: 0, to: hexadecimal.count, by: 2).map { position in
        let start = hexadecimal.index(hexadecimal.startIndex, offsetBy: position)
        return UInt8(hexadecimal[start..<hexadecimal.index(start, offsetBy: 2)], radix: 16) ?? 0
      }
    }
    let key = SigningKey(seed: bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    #expect(key.publicKey.bytes == bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"))
    let signature = key.signature(of: [0x72])
    #expect(
      signature
        == bytes(
          ""
            + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
            + "b00d291612bb0c00"))
    #expect(key.publicKey.verifies(signature, of: [0x72]))
    #expect(!key.publicKey.verifies(signature, of: [0x73]))
  }

  @Test("A private key reads back as it was written, and as openssl writes it")
  func pem() throws {
    #expect(try SigningKey(pem: Array(Self.key.pem.utf8)).publicKey == Self.key.publicKey)
    #expect(throws: SigningKey.Malformed.self) {
      try SigningKey(pem: Array("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8))
    }
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl", "pkey", "-pubout", "-outform", "DER", "-in", folder.path + "/key.pem"]
    try folder.write(Self.key.pem.utf8, to: "key.pem")
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let der = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    #expect(Array(der.suffix(32)) == Self.key.publicKey.bytes)
  }

  @Test(
    "A public key of another form is refused",
    arguments: ["", "ed25519:", "ed25519:AAAA", "rsa:AAAA", "ed25519:!!!!"])
  func malformedKeys(_ text: String) {
    #expect(throws: PublicKey.Malformed.self) { try PublicKey(text) }
  }

  private func sign(_ zoo: ZooFolder, _ keys: [SigningKey], change: (inout SignedStatement) -> Void = { _ in }) throws {
    var statement = try InspectedPlugin(folder: zoo.plugin, owners: [geteuid()]).statement
    change(&statement)
    var file = SignatureFile()
    for key in keys { file.sign(statement, with: key) }
    try zoo.folder.write(file.json.utf8, to: "zoo/plugin.sig")
  }

  private func load(_ zoo: ZooFolder, trusting keys: [PublicKey]) -> PluginHost {
    PluginHost(
      loading: PluginSources(shipped: nil, lock: zoo.lockPath, trustedKeys: keys), environment: .testing())
  }

  @Test("With trusted keys, one of them must have signed these very bytes; without, nothing is asked")
  func loading() throws {
    let zoo = try ZooFolder()
    let trusted = [Self.key.publicKey]
    #expect(load(zoo, trusting: []).errors == [])
    #expect(load(zoo, trusting: trusted).errors.map(\.code) == [.signatureMissing])
    try sign(zoo, [Self.other])
    #expect(load(zoo, trusting: trusted).errors.map(\.code) == [.keyNotTrusted])
    try sign(zoo, [Self.other, Self.key])
    #expect(load(zoo, trusting: trusted).errors == [])
    #expect(load(zoo, trusting: trusted).manifests.map(\.id) == ["org.example.zoo"])
    for change: (inout SignedStatement) -> Void in [
      { $0.version = "1.0.1" }, { $0.id = "org.example.other" }, { $0.library = $0.manifest },
      { $0.manifest = $0.library },
    ] {
      try sign(zoo, [Self.key], change: change)
      #expect(load(zoo, trusting: trusted).errors.map(\.code) == [.signatureWrong])
    }
    try sign(zoo, [Self.key]) { $0.platform = "linux-riscv64" }
    #expect(load(zoo, trusting: trusted).errors.map(\.code) == [.keyNotTrusted])
    try zoo.folder.write("{}".utf8, to: "zoo/plugin.sig")
    #expect(load(zoo, trusting: trusted).errors.map(\.code) == [.signatureWrong, .signatureWrong])
  }

  @Test("A key signs a platform once: the later signature takes the place of the earlier")
  func replacing() throws {
    let zoo = try ZooFolder()
    let statement = try InspectedPlugin(folder: zoo.plugin, owners: [geteuid()]).statement
    var older = statement
    older.version = "0.1.0"
    var file = SignatureFile()
    file.sign(older, with: Self.key)
    #expect(file.standing(of: statement).map(\.isValid) == [false])
    file.sign(statement, with: Self.key)
    #expect(file.standing(of: statement).map(\.isValid) == [true])
    #expect(try SignatureFile(json: Array(file.json.utf8)) == file)
  }
}
