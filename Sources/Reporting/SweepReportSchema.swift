/// The JSON Schema (draft 2020-12) of `reeve sweep --format json`.
package enum SweepReportSchema {
  package static let text = """
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "A sweep of Reeve",
      "description": "Version 1. New keys may be added; a key that is removed or changes its meaning raises schemaVersion.",
      "type": "object",
      "required": ["schemaVersion", "sweep", "findings", "coverage", "notEvaluated", "checks", "oldestFacts", "totals", "calls", "remarks"],
      "additionalProperties": false,
      "properties": {
        "schemaVersion": { "const": 1 },
        "sweep": {
          "type": "object",
          "required": ["id", "organization", "caller", "startedAt", "durationSeconds", "status", "exitStatus", "throttledSeconds"],
          "additionalProperties": false,
          "properties": {
            "id": { "type": "string" },
            "organization": { "type": "string", "description": "The organization's id; empty where there is none." },
            "caller": { "type": "string", "description": "The ARN that the sweep started from." },
            "startedAt": { "$ref": "#/$defs/time" },
            "durationSeconds": { "type": "number", "minimum": 0 },
            "status": { "enum": ["complete", "interrupted", "failed"] },
            "exitStatus": { "type": "integer", "minimum": 0, "maximum": 4 },
            "throttledSeconds": { "type": "number", "minimum": 0, "description": "Summed over concurrent calls." }
          }
        },
        "findings": {
          "type": "array",
          "items": {
            "type": "object",
            "required": ["check", "severity", "status", "resourceType", "resourceId", "name", "arn", "account", "accountName", "region", "since", "lastSeen", "message", "evidence"],
            "additionalProperties": false,
            "properties": {
              "check": { "type": "string" },
              "severity": { "$ref": "#/$defs/severity" },
              "status": { "enum": ["open", "excepted", "resolved", "reopened"] },
              "resourceType": { "type": "string" },
              "resourceId": { "type": "string" },
              "name": { "type": "string" },
              "arn": { "type": "string" },
              "account": { "$ref": "#/$defs/account" },
              "accountName": { "type": "string" },
              "region": { "type": "string" },
              "since": { "$ref": "#/$defs/time" },
              "lastSeen": { "$ref": "#/$defs/time" },
              "resolvedAt": { "$ref": "#/$defs/time" },
              "message": { "type": "string" },
              "evidence": { "description": "What the check saw: AWS's own names and types." }
            }
          }
        },
        "coverage": {
          "type": "array",
          "description": "One entry for every scope; the region * stands for every region of the account.",
          "items": {
            "type": "object",
            "required": ["account", "accountName", "region", "verdict", "gap", "reason", "resources"],
            "additionalProperties": false,
            "properties": {
              "account": { "$ref": "#/$defs/account" },
              "accountName": { "type": "string" },
              "region": { "type": "string" },
              "verdict": { "enum": ["scanned", "region-not-opted-in", "account-not-active", "excluded", "partial", "denied", "assume-role-failed", "throttled-out", "timed-out", "plugin-failed", "interrupted", "failed"] },
              "gap": { "type": "boolean" },
              "reason": { "type": "string" },
              "resources": { "type": "integer", "minimum": 0 }
            }
          }
        },
        "notEvaluated": {
          "type": "array",
          "items": {
            "type": "object",
            "required": ["check", "resourceType", "resourceId", "arn", "account", "accountName", "region", "reason", "code", "message"],
            "additionalProperties": false,
            "properties": {
              "check": { "type": "string" },
              "resourceType": { "type": "string" },
              "resourceId": { "type": "string" },
              "arn": { "type": "string" },
              "account": { "$ref": "#/$defs/account" },
              "accountName": { "type": "string" },
              "region": { "type": "string" },
              "reason": { "enum": ["configuration", "denied", "throttled", "cancelled", "bad-data", "unsupported", "internal", "timed-out", "unreachable", "rejected"] },
              "code": { "type": "string", "description": "AWS's code, or Reeve's own word." },
              "message": { "type": "string" }
            }
          }
        },
        "checks": {
          "type": "array",
          "items": {
            "type": "object",
            "required": ["id", "title", "severity", "remediation"],
            "additionalProperties": false,
            "properties": {
              "id": { "type": "string" },
              "title": { "type": "string" },
              "severity": { "$ref": "#/$defs/severity" },
              "remediation": { "type": "string" }
            }
          }
        },
        "oldestFacts": {
          "type": "array",
          "description": "For each attribute, the oldest reading that a verdict rests on.",
          "items": {
            "type": "object",
            "required": ["resourceType", "attribute", "readAt"],
            "additionalProperties": false,
            "properties": {
              "resourceType": { "type": "string" },
              "attribute": { "type": "string" },
              "readAt": { "$ref": "#/$defs/time" }
            }
          }
        },
        "totals": {
          "type": "object",
          "required": ["open", "excepted", "resolved", "bySeverity", "scopes", "scanned", "accountedFor", "gaps", "notEvaluated", "resources", "calls"],
          "additionalProperties": { "type": "integer", "minimum": 0 },
          "properties": {
            "bySeverity": {
              "type": "object",
              "description": "Open findings.",
              "required": ["info", "low", "medium", "high", "critical"],
              "additionalProperties": { "type": "integer", "minimum": 0 }
            }
          }
        },
        "calls": {
          "type": "object",
          "description": "Calls made, every attempt counted, as service:Operation.",
          "propertyNames": { "pattern": "^[a-z0-9-]+:[A-Za-z0-9]+$" },
          "additionalProperties": { "type": "integer", "minimum": 0 }
        },
        "remarks": { "type": "array", "items": { "type": "string" } }
      },
      "$defs": {
        "account": { "type": "string", "pattern": "^[0-9]{12}$" },
        "severity": { "enum": ["info", "low", "medium", "high", "critical"] },
        "time": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\\\.[0-9]{3}Z$" }
      }
    }

    """
}
