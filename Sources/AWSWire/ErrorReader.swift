/// The error bodies of EC2 (`<Response><Errors><Error>`) and of the query protocol (`<ErrorResponse><Error>`).
enum ErrorReader {
  static func read(_ body: [UInt8]) throws(XMLError) -> (code: String, message: String, requestID: String) {
    var code = ""
    var message = ""
    var requestID = ""
    try XMLReader.read(body, hidingText: false) { (reader) throws(XMLError) in
      guard reader.isNamed("Response") || reader.isNamed("ErrorResponse") else {
        throw reader.malformed("expected an error response, found <\(reader.shortName)>")
      }
      func fields() throws(XMLError) {
        try reader.children { () throws(XMLError) in
          switch reader.name {
          case "Errors", "Error": try fields()
          case "Code" where code.isEmpty: code = String(decoding: try reader.text(), as: UTF8.self)
          case "Message" where message.isEmpty: message = String(decoding: try reader.text(), as: UTF8.self)
          case "RequestId", "RequestID": requestID = String(decoding: try reader.text(), as: UTF8.self)
          default: try reader.skip()
          }
        }
      }
      try fields()
    }
    return (code, message, requestID)
  }
}
