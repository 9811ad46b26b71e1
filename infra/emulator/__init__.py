"""The deployed stack without AWS: the built template in an emulated account, with what AWS does around it."""
