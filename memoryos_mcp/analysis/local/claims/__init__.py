"""What a clause claims: one module for each kind of thing people say of themselves."""
