"""Every answer that a client gets here is held against botocore's own model of it.

botocore passes over what it does not know, so a misspelt element would just be missing. Here it is an error, and so are a
number that is none, a time that is none, and a word that the model's enumeration does not have.
"""

import json
import xml.etree.ElementTree

import botocore.session
import botocore.utils

# The model's enumeration says Windows; the documentation and every answer of EC2 say windows.
WORDS_BESIDE_THE_MODEL = {"PlatformValues": {"windows"}, "PermissionsBoundaryAttachmentType": {"Policy"}}


# Operations that were answered, and held against their shapes, so far in this session: `ec2:DescribeImages`.
ANSWERED = set()


class WrongShape(AssertionError):
    pass


def model(service, operation):
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def check_response(operation_model, response_dict, **_):
    """For the event before-parse."""
    if response_dict["status_code"] >= 300:
        return
    ANSWERED.add(f"{operation_model.service_model.service_name}:{operation_model.name}")
    output = operation_model.output_shape
    protocol = operation_model.service_model.metadata["protocol"]
    where = operation_model.name
    if protocol == "json":
        check_value(json.loads(response_dict["body"] or b"{}"), output, where) if output else None
        return
    root = xml.etree.ElementTree.fromstring(response_dict["body"])
    if local(root) != f"{operation_model.name}Response":
        raise WrongShape(f"{where}: the root element is {local(root)}")
    namespace = operation_model.service_model.metadata["xmlNamespace"]
    if root.tag != f"{{{namespace}}}{local(root)}":
        raise WrongShape(f"{where}: the namespace of {root.tag} is not {namespace}")
    if protocol == "query":
        parts = {local(child): child for child in root}
        if output is not None:
            check_element(parts.pop(output.serialization.get("resultWrapper", f"{where}Result")), output, where)
        if not parts.pop("ResponseMetadata").findtext(f"{{{namespace}}}RequestId"):
            raise WrongShape(f"{where}: no RequestId")
        if parts:
            raise WrongShape(f"{where}: unexpected {sorted(parts)}")
    else:
        if not root.findtext(f"{{{namespace}}}requestId"):
            raise WrongShape(f"{where}: no requestId")
        check_structure([c for c in root if local(c) != "requestId"], output, where)


def local(element):
    return element.tag.partition("}")[2] or element.tag


def check_structure(children, shape, where):
    if shape is None or not shape.members:
        # [doc] Operations without an output answer <return>true</return>.
        if [(local(c), c.text) for c in children] not in ([], [("return", "true")]):
            raise WrongShape(f"{where}: expected nothing but return, found {[local(c) for c in children]}")
        return
    members = {}
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        if member.type_name == "list" and member.serialization.get("flattened"):
            wire = member.member.serialization.get("name", wire)
        members[wire] = (name, member)
    seen = set()
    for child in children:
        if local(child) not in members:
            raise WrongShape(f"{where}: no member has the element {local(child)}; there are {sorted(members)}")
        name, member = members[local(child)]
        if name in seen:
            raise WrongShape(f"{where}: {local(child)} is there twice")
        seen.add(name)
        check_element(child, member, f"{where}.{name}")
    missing = set(shape.required_members) - seen
    if missing:
        raise WrongShape(f"{where}: required and missing: {sorted(missing)}")


def check_element(element, shape, where):
    if shape.type_name == "structure":
        check_structure(list(element), shape, where)
    elif shape.type_name == "list":
        wanted = shape.member.serialization.get("name", "member")
        for position, child in enumerate(element):
            if local(child) != wanted:
                raise WrongShape(f"{where}: an element of the list is {local(child)}, expected {wanted}")
            check_element(child, shape.member, f"{where}[{position}]")
    elif shape.type_name == "map":
        for entry in element:
            if local(entry) != "entry" or [local(child) for child in entry] != ["key", "value"]:
                raise WrongShape(f"{where}: an entry of the map is {local(entry)} of {[local(c) for c in entry]}")
            check_element(entry[0], shape.key, f"{where}.key")
            check_element(entry[1], shape.value, f"{where}[{entry[0].text}]")
    else:
        if len(element):
            raise WrongShape(f"{where}: a {shape.type_name} has children")
        check_scalar(element.text or "", shape, where)


def check_scalar(text, shape, where):
    kind = shape.type_name
    if kind in ("integer", "long"):
        int(text)
    elif kind in ("float", "double"):
        float(text)
    elif kind == "boolean" and text not in ("true", "false"):
        raise WrongShape(f"{where}: {text!r} is no boolean")
    elif kind == "timestamp":
        botocore.utils.parse_timestamp(text)
    elif kind == "string" and shape.enum:
        if text not in shape.enum and text not in WORDS_BESIDE_THE_MODEL.get(shape.name, ()):
            raise WrongShape(f"{where}: {text!r} is none of {shape.enum}")


def check_value(value, shape, where):
    kind = shape.type_name
    if kind == "structure":
        unknown = set(value) - set(shape.members)
        missing = set(shape.required_members) - set(value)
        if unknown or missing:
            raise WrongShape(f"{where}: unknown {sorted(unknown)}, missing {sorted(missing)}")
        for name, member in value.items():
            check_value(member, shape.members[name], f"{where}.{name}")
    elif kind == "list":
        for position, item in enumerate(value):
            check_value(item, shape.member, f"{where}[{position}]")
    elif kind == "timestamp":
        # [capture] Organizations' times are seconds since the epoch, as numbers.
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise WrongShape(f"{where}: {value!r} is no number of seconds")
    elif kind == "boolean":
        if not isinstance(value, bool):
            raise WrongShape(f"{where}: {value!r} is no boolean")
    elif kind in ("integer", "long"):
        if not isinstance(value, int) or isinstance(value, bool):
            raise WrongShape(f"{where}: {value!r} is no integer")
    elif kind == "string":
        if not isinstance(value, str) or (shape.enum and value not in shape.enum):
            raise WrongShape(f"{where}: {value!r} is no {shape.enum or 'string'}")
