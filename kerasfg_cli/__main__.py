from kerasfg_cli import main

main()
