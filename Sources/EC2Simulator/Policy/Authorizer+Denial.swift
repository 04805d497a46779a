import AWSWire
import Governance

extension Authorizer {
  /// The error of a call that is denied, in the words of its service.
  func denial(action: String, target: Target, because reason: String, requestID: String) -> ServiceError {
    let who = "User: \(call.caller.arn) is not authorized to perform: \(action)"
    let place = target.resource == "*" ? "" : " on resource: \(target.resource)"
    switch call.service {
    case "ec2":
      // A read that names no resource is refused without a message to decode.
      let blob =
        target.resource == "*" ? "" : " Encoded authorization failure message: \(encodedMessage(action, target))"
      let end = target.resource == "*" ? "" : "."
      return .ec2(
        "UnauthorizedOperation",
        "You are not authorized to perform this operation. \(who)\(place) \(reason)\(end)\(blob)", status: 403)
    case "organizations":
      return .organizations("AccessDeniedException", "\(who) on resource: \(target.resource) \(reason)")
    case "cloudtrail":
      return .organizations("AccessDeniedException", "\(who)\(place) \(reason)")
    default:
      // [capture] A role that is not there and one that may not be assumed are told alike, without a reason.
      guard !action.hasPrefix("sts:AssumeRole"), action != "sts:TagSession", action != "sts:SetSourceIdentity" else {
        return .sts("AccessDenied", "\(who) on resource: \(target.resource)", status: 403)
      }
      return .sts("AccessDenied", "\(who)\(place) \(reason)", status: 403)
    }
  }

  /// As DecodeAuthorizationMessage gives it back.
  func encodedMessage(_ action: String, _ target: Target) -> String {
    let request = request(action: action, target: target)
    let denials = PolicyEvaluator.denials(request, policies: policies)
    let caller = call.caller
    let name = caller.arn.split(separator: "/").last.map(String.init) ?? caller.account
    // What every request has says nothing; the target's own keys and the region do.
    var keys = target.context
    keys[call.service + ":region"] = [call.region]
    let conditions = keys.keys.sorted().map { key -> Document in
      ["key": Document(key), "values": Self.items((keys[key] ?? []).map { ["value": Document($0)] })]
    }
    let details: Document = [
      "allowed": false, "explicitDeny": Document(!denials.isEmpty),
      "matchedStatements": Self.items(denials.map { Self.document(of: $0, principal: caller.userID) }),
      "failures": Self.items([]),
      "context": [
        "principal": ["id": Document(caller.userID), "name": Document(name), "arn": Document(caller.arn)],
        "action": Document(action), "resource": Document(target.resource), "conditions": Self.items(conditions),
      ],
    ]
    return AuthorizationMessage(account: caller.account, details: details.json).encoded(seed: world.seed)
  }

  private static func items(_ list: [Document]) -> Document { ["items": Document(list)] }

  private static func document(of statement: PolicyStatement, principal: String) -> Document {
    func values(_ selector: PolicyStatement.Selector?) -> Document {
      items((selector?.patterns ?? []).map { ["value": Document($0.text)] })
    }
    let conditions = statement.conditions.map { condition -> Document in
      [
        "key": Document(condition.key), "operator": Document(condition.name),
        "values": items(condition.texts.map { ["value": Document($0)] }),
      ]
    }
    return [
      "statementId": Document(statement.sid ?? ""), "effect": "DENY",
      "principals": items([["value": Document(principal)]]), "principalGroups": items([]),
      "actions": values(statement.actions), "resources": values(statement.resources), "conditions": items(conditions),
    ]
  }
}
