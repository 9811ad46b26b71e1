"""Questions of a shop's owner, each with the tool that answers it, and the pages that are written from them."""
