import Governance
import Testing

@testable import AWSWire

struct EndpointTests {
  @Test("endpoints and signing regions are those of AWS's rule sets")
  func ruleSets() throws {
    let rows = try Golden.document("endpoints.json").elements
    #expect(rows.count > 90)
    for row in rows {
      let service = try #require(row["service"]?.string)
      let region = try #require(row["region"]?.string)
      let host = Endpoint.authority(
        service: service, region: region, fips: row["fips"] == true, dualStack: row["dualStack"] == true)
      #expect(host == row["host"]?.string, "\(row.json)")
      #expect(Endpoint.signingRegion(service: service, region: region) == row["signingRegion"]?.string, "\(row.json)")
    }
  }
}
