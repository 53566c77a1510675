"""Reading English: from typed text to clauses, and from clauses to short lines. No meaning, no memory."""
