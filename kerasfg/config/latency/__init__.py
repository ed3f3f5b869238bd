"""What a network costs on the phone, and which one a budget allows."""
