"""What Python's parser makes of a message in a file, as JSON."""

import email
import email.header
import email.policy
import email.utils
import json
import sys

with open(sys.argv[1], "rb") as file:
    raw = file.read()
message = email.message_from_bytes(raw, policy=email.policy.default)
# The newer policy wrongly keeps the white space between the encoded words of a name (Python before 3.13): the older one doesn't.
name = email.utils.parseaddr(email.message_from_bytes(raw)["From"])[0]
parts = {
    "headers": {name: str(value) for name, value in message.items()},
    "count": len(message.items()),
    "fromName": str(email.header.make_header(email.header.decode_header(name))),
    "fromAddress": message["From"].addresses[0].addr_spec,
    "toAddress": message["To"].addresses[0].addr_spec,
    "seconds": message["Date"].datetime.timestamp(),
    "text": message.get_content().replace("\r\n", "\n"),
    "defects": [str(defect) for part in [message, *message.values()] for defect in part.defects],
}
print(json.dumps(parts))
