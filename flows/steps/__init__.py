"""What can a flow do? Each module is one kind of step."""
