"""The life of a workspace, its plan and its members."""
