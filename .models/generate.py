"""Writes the shape tables that the codecs read, from the service models that botocore carries.

usage: generate.py FOLDER

One text file a service. Line 0 is the header, then come the operations sorted by name, then the shapes; a shape's
number is its line. Fields are separated by tabs. Scalars that are alike are written once.

  header     reeve-shapes 1, name=value fields
  operation  Name, input shape or -, output shape or -, pagination or -   (input token | output token | limit key | lists)
  S          structure: members name:shape:flags:request name:response name  (names left out where they are the name; r = required)
  L          list: element's shape, element's name on the wire, least and most elements
  M          map: key's shape, value's shape
  s          text: minimum length, maximum length, values joined by |
  i l        integer, long: minimum, maximum
  b f d x    boolean, float, double, blob
  t          timestamp: its format when the model names one
"""

import json
import pathlib
import sys

import botocore
import botocore.loaders

# None: every operation. Of IAM, what the CLI and Terraform need to make roles, policies and users.
IAM = """
AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreateAccessKey CreateGroup CreatePolicy
CreatePolicyVersion CreateRole CreateUser DeleteAccessKey DeleteGroup DeleteGroupPolicy DeletePolicy DeletePolicyVersion
DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DeleteUser DeleteUserPermissionsBoundary DeleteUserPolicy
DetachGroupPolicy DetachRolePolicy DetachUserPolicy GetAccessKeyLastUsed GetAccountSummary GetGroup GetGroupPolicy GetPolicy
GetPolicyVersion GetRole GetRolePolicy GetUser GetUserPolicy ListAccessKeys ListAccountAliases ListAttachedGroupPolicies
ListAttachedRolePolicies ListAttachedUserPolicies ListEntitiesForPolicy ListGroupPolicies ListGroups ListGroupsForUser
ListInstanceProfiles ListInstanceProfilesForRole ListMFADevices ListOpenIDConnectProviders ListPolicies ListPolicyTags
ListPolicyVersions ListRolePolicies ListRoleTags ListRoles ListSSHPublicKeys ListServerCertificates ListSigningCertificates
ListUserPolicies ListUserTags ListUsers PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary
PutUserPolicy RemoveUserFromGroup SetDefaultPolicyVersion TagPolicy TagRole TagUser UntagPolicy UntagRole UntagUser
UpdateAccessKey UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription
"""
SERVICES = {"cloudtrail": {"LookupEvents"}, "ec2": None, "iam": set(IAM.split()), "organizations": None, "sts": None}


class Table:
    def __init__(self, model, paginators, only):
        self.model = model
        self.metadata = model["metadata"]
        self.protocol = self.metadata["protocol"]
        self.operations = sorted(name for name in model["operations"] if only is None or name in only)
        self.paginators = paginators
        self.first = 1 + len(self.operations)
        self.lines = []
        self.numbers = {}
        self.scalars = {}

    def number(self, name):
        """The line of a shape; its own line is reserved before its members are written, so that shapes may recurse."""
        if name in self.numbers:
            return self.numbers[name]
        shape = self.model["shapes"][name]
        kind = shape["type"]
        if kind in ("structure", "list", "map"):
            line = self.reserve()
            self.numbers[name] = line
            self.lines[line - self.first] = getattr(self, kind)(shape)
            return line
        text = self.scalar(kind, shape)
        if text not in self.scalars:
            self.scalars[text] = self.reserve(text)
        self.numbers[name] = self.scalars[text]
        return self.scalars[text]

    def reserve(self, text=""):
        self.lines.append(text)
        return self.first + len(self.lines) - 1

    def structure(self, shape):
        required = set(shape.get("required", ()))
        fields = ["S"]
        for name, member in shape["members"].items():
            request, response = self.names(name, member)
            fields.append(":".join([name, str(self.number(member["shape"])), "r" if name in required else "",
                                    "" if request == name else request, "" if response == name else response]))
        return "\t".join(fields)

    def names(self, name, member):
        """A member on the wire, in a request and in a response."""
        location = member.get("locationName")
        if self.protocol == "ec2":
            if "queryName" in member:
                request = member["queryName"]
            elif location:
                request = location[0].upper() + location[1:]
            else:
                request = name[0].upper() + name[1:]
        else:
            request = location or name
        return request, location or name

    def list(self, shape):
        # None of these services flattens a list (EC2 writes all its lists the same way), so the codecs know no such thing.
        if shape.get("flattened"):
            raise SystemExit(f"{shape} is flattened, which the codecs cannot read: teach them first")
        member = shape["member"]
        return "\t".join(["L", str(self.number(member["shape"])), member.get("locationName", "member"),
                          str(shape.get("min", "")), str(shape.get("max", ""))]).rstrip("\t")

    def map(self, shape):
        if self.protocol == "ec2" or any("locationName" in shape[part] for part in ("key", "value")) or shape.get("flattened"):
            raise SystemExit(f"{shape} is a map that the codecs cannot read: teach them first")
        return "\t".join(["M", str(self.number(shape["key"]["shape"])), str(self.number(shape["value"]["shape"]))])

    def scalar(self, kind, shape):
        low, high = str(shape.get("min", "")), str(shape.get("max", ""))
        if kind == "string":
            for value in shape.get("enum", ()):
                if set(value) & set("|\t\n"):
                    raise SystemExit(f"the value {value!r} holds a separator of the table")
            return "\t".join(["s", low, high, "|".join(shape.get("enum", ()))]).rstrip("\t")
        if kind in ("integer", "long"):
            return "\t".join([kind[0], low, high]).rstrip("\t")
        if kind == "timestamp":
            return "\t".join(["t", shape.get("timestampFormat", "")]).rstrip("\t")
        return {"boolean": "b", "float": "f", "double": "d", "blob": "x"}[kind]

    def pagination(self, name):
        page = self.paginators.get(name)
        if not page or isinstance(page["input_token"], list) or isinstance(page["output_token"], list):
            return "-"
        results = page["result_key"] if isinstance(page["result_key"], list) else [page["result_key"]]
        return "|".join([page["input_token"], page["output_token"], page.get("limit_key", ""), ",".join(results)])

    def text(self):
        operations = []
        for name in self.operations:
            operation = self.model["operations"][name]
            shapes = [str(self.number(operation[side]["shape"])) if side in operation else "-"
                      for side in ("input", "output")]
            operations.append("\t".join([name, *shapes, self.pagination(name)]))
        metadata = self.metadata
        namespace = metadata.get("xmlNamespace", "")
        if self.protocol == "ec2":
            namespace = f"http://ec2.amazonaws.com/doc/{metadata['apiVersion']}"
        header = ["reeve-shapes 1", f"protocol={self.protocol}", f"apiVersion={metadata['apiVersion']}",
                  f"endpointPrefix={metadata['endpointPrefix']}",
                  f"signingName={metadata.get('signingName', metadata['endpointPrefix'])}",
                  f"xmlNamespace={namespace}", f"targetPrefix={metadata.get('targetPrefix', '')}",
                  f"jsonVersion={metadata.get('jsonVersion', '')}", f"operations={len(operations)}",
                  f"botocore={botocore.__version__}"]
        return "\n".join(["\t".join(header), *operations, *self.lines]) + "\n"


def main(folder):
    loader = botocore.loaders.create_loader()
    for service, only in SERVICES.items():
        model = loader.load_service_model(service, "service-2")
        paginators = loader.load_service_model(service, "paginators-1")["pagination"]
        text = Table(model, paginators, only).text()
        pathlib.Path(folder, f"{service}.shapes").write_text(text, encoding="utf-8", newline="\n")
        print(f"{service}: {len(text):,} bytes, {text.count(chr(10)):,} lines")


main(sys.argv[1])
