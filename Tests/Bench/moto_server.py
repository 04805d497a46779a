"""moto's own server with images in it: what `moto_server -p PORT` runs, filled before it listens."""

import sys

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple

port, count, region = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
backend = ec2_backends[DEFAULT_ACCOUNT_ID][region]
for number in range(count):
    backend.register_image(name=f"image-{number}").add_tags({"Name": "bench", "Owner": "team", "Purpose": "web"})
# As the simulator does, one connection for request after request.
WSGIRequestHandler.protocol_version = "HTTP/1.1"
run_simple("127.0.0.1", port, DomainDispatcherApplication(create_backend_app), threaded=True)
