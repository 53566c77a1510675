"""What comes from elsewhere and goes elsewhere: histories, exports, backups, transcripts."""
